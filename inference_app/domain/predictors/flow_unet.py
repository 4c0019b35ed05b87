"""Our second matting network: corrects a mask, handed its own last alpha along the motion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.predictors.base import Traits, WeightFile
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import shipped

NAME = "flow_unet_light"


class FlowUnetLight:
    """The light shape with the weights that ship."""

    info = PluginInfo(
        "flow_unet", "Flow U-Net", "Small and fast; carries its last alpha along the motion", 3
    )
    traits = Traits("matting", ("mask",), "first", ("alpha",), "Apache-2.0")

    @property
    def weights(self) -> tuple[WeightFile, ...]:
        """The file that ships."""
        return (shipped(NAME),)

    def unavailable(self) -> str:
        """It needs nothing that is not there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> OwnNetworkOnFrames:
        """Read the weights."""
        return OwnNetworkOnFrames(files[f"{NAME}.safetensors"], device, self.info.slug)
