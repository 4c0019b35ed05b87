"""Borrowed networks in small: the real classes and runtimes, weights drawn at random."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.networks.defect_flow import save_flow
from inference_app.domain.networks.tensor_file import write_tensors
from inference_app.domain.predictors import depth_anything, vitmatte
from inference_app.domain.predictors.base import Predictor, WeightFile
from inference_app.domain.predictors.birefnet import BiRefNet
from inference_app.domain.predictors.defect_score import DefectScore
from inference_app.domain.predictors.depth_anything import DepthAnything
from inference_app.domain.predictors.onnx_flow import OnnxFlow
from inference_app.domain.predictors.onnx_matting import OnnxMatting
from inference_app.domain.predictors.rvm import Rvm
from inference_app.domain.predictors.vitmatte import VitMatte
from inference_app.domain.training.defects import DefectPlan, learn_good


class Tiny(Predictor, Protocol):
    """A predictor that writes its own weights."""

    def prepare(self, folder: Path) -> None: ...


class TinyVitMatte(VitMatte):
    weights = (WeightFile("tiny-vitmatte.safetensors", 0, "", "none"),)
    shape = vitmatte.Shape(
        hidden=24, heads=2, layers=2, window=2, windowed=(0,), residual=(1,), details=(8, 8, 8),
        fusion=(16, 16, 8, 8), image=64,
    )  # fmt: skip

    def prepare(self, folder: Path) -> None:
        torch.manual_seed(5)
        network = vitmatte.network_of(self.shape)
        # What it starts from gives one half everywhere: the last layer is drawn wider.
        torch.nn.init.normal_(network.decoder.matting_head.matting_convs[-1].weight, std=1.0)
        write_tensors(folder / self.weights[0].name, dict(network.state_dict()), {})


class TinyDepthAnything(DepthAnything):
    weights = (WeightFile("tiny-depth.safetensors", 0, "", "none"),)
    shape = depth_anything.Shape(
        hidden=24, heads=2, layers=4, taken=(1, 2, 3, 4), neck=(8, 8, 8, 8), fusion=8, head=4,
        image=56,
    )  # fmt: skip

    def prepare(self, folder: Path) -> None:
        torch.manual_seed(6)
        network = depth_anything.network_of(self.shape)
        # What it starts from is flat: drawn wider, so that pictures make a difference.
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.2)
        torch.nn.init.constant_(network.head.conv3.bias, 1.0)
        write_tensors(folder / self.weights[0].name, dict(network.state_dict()), {})


class TinyRvm(Rvm):
    weights = (WeightFile("tiny-rvm.onnx", 0, "", "none"),)

    def prepare(self, folder: Path) -> None:
        states = [f"r{number}" for number in (1, 2, 3, 4)]
        nodes = [
            helper.make_node("Conv", ["src", "kernel"], ["seen"], pads=[1, 1, 1, 1]),
            helper.make_node("Add", ["seen", "r1i"], ["mixed"]),
            helper.make_node("Sigmoid", ["mixed"], ["pha"]),
            helper.make_node("Identity", ["src"], ["fgr"]),
            *(helper.make_node("Mul", ["pha", f"{name}_rate"], [f"{name}o"]) for name in states),
        ]
        rates = {f"{name}_rate": np.array([0.2], np.float32) for name in states}
        inputs = {"src": [1, 3, "h", "w"], "downsample_ratio": [1]}
        inputs |= {f"{name}i": [1, None, None, None] for name in states}
        outputs = {"fgr": [1, 3, None, None], "pha": [1, 1, None, None]}
        outputs |= {f"{name}o": [1, None, None, None] for name in states}
        write_graph(folder / self.weights[0].name, nodes, inputs, outputs, rates | kernel(1, 3))


class TinyBiRefNet(BiRefNet):
    def prepare(self, folder: Path) -> None:
        nodes = [helper.make_node("Conv", ["image", "kernel"], ["logits"], pads=[1, 1, 1, 1])]
        inputs, outputs = {"image": [1, 3, 32, 32]}, {"logits": [1, 1, 32, 32]}
        write_graph(folder / self.weights[0].name, nodes, inputs, outputs, kernel(1, 3))


class TinyOnnxMatting(OnnxMatting):
    def prepare(self, folder: Path) -> None:
        nodes = [
            helper.make_node("Conv", ["image", "kernel"], ["seen"], pads=[1, 1, 1, 1]),
            helper.make_node("Sigmoid", ["seen"], ["alpha"]),
        ]
        inputs, outputs = {"image": [1, 4, "h", "w"]}, {"alpha": [1, 1, "h", "w"]}
        write_graph(folder / self.weights[0].name, nodes, inputs, outputs, kernel(1, 4))


class TinyOnnxFlow(OnnxFlow):
    def prepare(self, folder: Path) -> None:
        nodes = [
            helper.make_node("Sub", ["now", "before"], ["change"]),
            helper.make_node("Conv", ["change", "kernel"], ["flow"], pads=[1, 1, 1, 1]),
        ]
        inputs = {name: [1, 3, "h", "w"] for name in ("now", "before")}
        write_graph(
            folder / self.weights[0].name, nodes, inputs, {"flow": [1, 2, "h", "w"]}, kernel(2, 3)
        )


def kernel(planes_out: int, planes_in: int) -> dict[str, Any]:
    """Return a kernel of 3 x 3 drawn at random."""
    rng = np.random.default_rng(planes_in)
    return {"kernel": rng.normal(0, 0.3, (planes_out, planes_in, 3, 3)).astype(np.float32)}


def write_graph(
    path: Path,
    nodes: list[Any],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
    constants: dict[str, Any],
) -> None:
    """Write an ONNX file; shapes by name."""

    def told(shapes: dict[str, Any]) -> list[Any]:
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ]

    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", told(inputs), told(outputs), tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


class TinyDefectScore(DefectScore):
    def prepare(self, folder: Path) -> None:
        rng = np.random.default_rng(8)
        good = [rng.integers(0, 110, (48, 64, 3), np.uint8) for _ in range(3)]
        plan = DefectPlan(steps=20, batch=64, hidden=8, layers=2)
        flow = learn_good(good, plan, ignore_progress, never_stop)
        save_flow(folder / self.weights[0].name, flow, {})


TINY: tuple[Tiny, ...] = (
    TinyVitMatte(),
    TinyDepthAnything(),
    TinyRvm(),
    TinyBiRefNet(),
    TinyOnnxMatting(),
    TinyOnnxFlow(),
    TinyDefectScore(),
)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
