"""The predictors: one file each, listed here."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.predictors.base import Predictor
from inference_app.domain.predictors.birefnet import BiRefNet
from inference_app.domain.predictors.closed_form import ClosedForm
from inference_app.domain.predictors.defect_score import DefectScore
from inference_app.domain.predictors.depth_anything import DepthAnything
from inference_app.domain.predictors.dis_flow import DisFlow
from inference_app.domain.predictors.flow_unet import FlowUnetLight
from inference_app.domain.predictors.guided_filter import GuidedFilter
from inference_app.domain.predictors.layered_depth import LayeredDepth
from inference_app.domain.predictors.matanyone import FIRST, SECOND, MatAnyone
from inference_app.domain.predictors.onnx_flow import OnnxFlow
from inference_app.domain.predictors.onnx_matting import OnnxMatting
from inference_app.domain.predictors.rvm import Rvm
from inference_app.domain.predictors.vitmatte import VitMatte
from inference_app.domain.predictors.wavelet_refiner import WaveletRefinerLight

PREDICTORS: Registry[Predictor] = Registry(
    "predictor",
    [
        WaveletRefinerLight(),
        FlowUnetLight(),
        GuidedFilter(),
        ClosedForm(),
        VitMatte(),
        Rvm(),
        MatAnyone(FIRST),
        MatAnyone(SECOND),
        BiRefNet(),
        OnnxMatting(),
        LayeredDepth(),
        DepthAnything(),
        DisFlow(),
        OnnxFlow(),
        DefectScore(),
    ],
)
