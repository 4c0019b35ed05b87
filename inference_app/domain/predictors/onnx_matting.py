"""Any matting network as an ONNX file of one's own.

It takes a picture (1, 3, H, W) in 0..1 and, if it wants one, a mask (1, 1, H, W) beside it or as
the fourth plane; its first output of one plane is the alpha. A network of fixed size gets pictures
of that size, any other gets sides that are multiples of 32.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

FILE = "matting.onnx"
MULTIPLE = 32
LONGEST = 1024


class OnnxMatting:
    """Whatever lies in the folder of weights under its name."""

    info = PluginInfo("onnx_matting", "ONNX matting", "A matting network of your own", 1)
    traits = Traits("matting", ("mask",), "every", ("alpha",), "that of the file")
    weights: tuple[WeightFile, ...] = (WeightFile(FILE, 0, "", "that of the file"),)

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("onnxruntime")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Read the network. Raises BadInput when it takes or gives something else."""
        return _Loaded(files[FILE], device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, device: Device) -> None:
        super().__init__("every")
        from inference_app.domain.networks.onnx_session import OnnxNetwork

        self._network = OnnxNetwork(path, device)
        self._planes = {name: shape[1] for name, shape in self._network.inputs.items() if shape[1:]}
        if sorted(self._planes.values(), key=str) not in ([3], [4], [1, 3]):
            raise BadInput(
                f"{path.name} takes {list(self._network.inputs.items())}",
                hint="a picture of 3 planes, with or without a mask of 1, or both as 4 planes",
            )
        sides = [shape[2:] for shape in self._network.inputs.values()]
        self._fixed = next((s for s in sides if len(s) == 2 and None not in s), None)
        alphas = [n for n, s in self._network.outputs.items() if len(s) == 4 and s[1] in (1, None)]
        if not alphas:
            raise BadInput(f"{path.name} gives no alpha: {list(self._network.outputs.items())}")
        self._alpha = alphas[0]

    def step(self, shot: Shot) -> dict[str, Planes]:
        assert shot.hint is not None  # noqa: S101  # hints_on is "every"
        height, width = self._size(*shot.rgb.shape[:2])
        rgb = cv2.resize(shot.rgb, (width, height), interpolation=cv2.INTER_AREA)
        mask = cv2.resize(shot.hint, (width, height), interpolation=cv2.INTER_AREA)
        picture = (rgb.transpose(2, 0, 1) / np.float32(255)).astype(np.float32)
        plane = (mask[None] / np.float32(255)).astype(np.float32)
        kinds = {1: plane, 3: picture, 4: np.concatenate((picture, plane))}
        arrays = {name: kinds[planes][None] for name, planes in self._planes.items() if planes}
        alpha = np.clip(self._network.run(arrays)[self._alpha][0, 0], 0, 1)
        return {"alpha": _fitted(shot, alpha)}

    def _size(self, height: int, width: int) -> tuple[int, int]:
        if self._fixed is not None:
            rows, columns = self._fixed
            return rows or height, columns or width
        factor = min(1.0, LONGEST / max(height, width))
        return _multiple(height * factor), _multiple(width * factor)


def _multiple(side: float) -> int:
    return max(MULTIPLE, round(side / MULTIPLE) * MULTIPLE)


def _fitted(shot: Shot, alpha: npt.NDArray[np.float32]) -> Planes:
    """Return the alpha at the frame's size, along its edges where it has to be enlarged."""
    height, width = shot.rgb.shape[:2]
    if alpha.shape == (height, width):
        return alpha
    if alpha.shape[0] < height and alpha.shape[1] < width:
        return enlarged(shot.rgb, alpha)
    small = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(np.asarray(small, np.float32), 0, 1)
