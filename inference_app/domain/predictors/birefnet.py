"""BiRefNet: what stands out in a picture, without a mask, one frame after the other.

P. Zheng et al., "Bilateral Reference for High-Resolution Dichotomous Image Segmentation", 2024. Run
as the ONNX file that its authors and others export: `transformers` has no class of it, and the
code on its hub page is a program. The file takes one picture of fixed size, its colours normalised
as those of ImageNet, and gives logits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.networks.imagenet import imagenet_planes
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

FILE = "birefnet.onnx"


class BiRefNet:
    """Any exported file of the family: the general one, the one for portraits, the small one."""

    info = PluginInfo("birefnet", "BiRefNet", "What stands out, without a mask; single frames", 1)
    traits = Traits("matting", (), "none", ("alpha",), "MIT")
    weights: tuple[WeightFile, ...] = (
        WeightFile(
            FILE,
            0,
            "",
            "MIT",
            url="https://github.com/ZhengPeng7/BiRefNet/releases",
            paper="https://arxiv.org/abs/2401.03407",
        ),
    )

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("onnxruntime")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Read the network. Raises BadInput when it takes or gives something else."""
        return _Loaded(files[self.weights[0].name], device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, device: Device) -> None:
        super().__init__("none")
        from inference_app.domain.networks.onnx_session import OnnxNetwork

        self._network = OnnxNetwork(path, device)
        inputs, outputs = self._network.inputs, self._network.outputs
        planes = [n for n, s in outputs.items() if len(s) == 4 and s[1] in (1, None)]
        sides = next(iter(inputs.values()))[2:] if len(inputs) == 1 else ()
        if len(sides) != 2 or None in sides or not planes:
            raise BadInput(
                f"{path.name} is no BiRefNet: it takes {inputs} and gives {outputs}",
                hint="a picture of fixed size in, one plane out",
            )
        self._picture, self._plane = next(iter(inputs)), planes[0]
        self._height, self._width = int(sides[0] or 0), int(sides[1] or 0)

    def step(self, shot: Shot) -> dict[str, Planes]:
        height, width = shot.rgb.shape[:2]
        size = (self._width, self._height)
        small = cv2.resize(shot.rgb, size, interpolation=cv2.INTER_AREA) / np.float32(255)
        picture = imagenet_planes(np.asarray(small, np.float32))[None]
        logits = self._network.run({self._picture: picture})[self._plane][0, 0]
        alpha = np.asarray(1 / (1 + np.exp(-np.clip(logits, -40, 40))), np.float32)
        if height > alpha.shape[0] and width > alpha.shape[1]:
            return {"alpha": enlarged(shot.rgb, alpha)}
        fitted = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)
        return {"alpha": np.clip(np.asarray(fitted, np.float32), 0, 1)}
