"""Robust Video Matting: people in front of anything, without a mask, with a memory of its own.

S. Lin, L. Yang, I. Saleemi, S. Sengupta, "Robust High-Resolution Video Matting with Temporal
Guidance", 2021. Run as the ONNX file of its authors, not as their TorchScript file: the first is
data, the second is a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

COARSE = 512
"""The longer side at which it looks at the whole picture; the edges are refined at full size."""

_STATES = ("r1", "r2", "r3", "r4")


class Rvm:
    """The smaller of the two networks that its authors published."""

    info = PluginInfo("rvm", "Robust Video Matting", "People, without a mask; remembers", 1)
    traits = Traits("matting", (), "none", ("alpha",), "GPL-3.0")
    weights: tuple[WeightFile, ...] = (
        WeightFile(
            "rvm_mobilenetv3_fp32.onnx",
            14_975_696,
            "88d4531297118f595bf2fd60f6f566aec2e559393802d1f436c380f0cbbd2828",
            "GPL-3.0",
            url="https://github.com/PeterL1n/RobustVideoMatting/releases/tag/v1.0.0",
            paper="https://arxiv.org/abs/2108.11515",
        ),
    )

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("onnxruntime")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Read the network."""
        return _Loaded(files[self.weights[0].name], device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, device: Device) -> None:
        super().__init__("none")
        from inference_app.domain.networks.onnx_session import OnnxNetwork

        self._network = OnnxNetwork(path, device)
        wanted = {"src", "downsample_ratio", *(f"{name}i" for name in _STATES)}
        given = {"pha", *(f"{name}o" for name in _STATES)}
        if self._network.inputs.keys() != wanted or not given <= self._network.outputs.keys():
            raise BadInput(f"{path.name} is no Robust Video Matting network")
        self._states: dict[str, npt.NDArray[np.float32]] = {}

    def begin(self) -> None:
        nothing = np.zeros((1, 1, 1, 1), np.float32)
        self._states = {f"{name}i": nothing for name in _STATES}

    def step(self, shot: Shot) -> dict[str, Planes]:
        height, width = shot.rgb.shape[:2]
        ratio = np.array([min(1.0, COARSE / max(height, width))], np.float32)
        source = (shot.rgb.transpose(2, 0, 1)[None] / np.float32(255)).astype(np.float32)
        found = self._network.run({"src": source, "downsample_ratio": ratio, **self._states})
        self._states = {f"{name}i": found[f"{name}o"] for name in _STATES}
        return {"alpha": np.clip(found["pha"][0, 0], 0, 1)}

    def close(self) -> None:
        self._states = {}
