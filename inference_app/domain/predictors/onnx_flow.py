"""Any optical flow network of the RAFT kind as an ONNX file of one's own.

It takes two pictures (1, 3, H, W) in 0..255, the frame and the one before, and gives (1, 2, H, W)
in pixels, x right, y down; of several outputs the last, as the refined one comes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

FILE = "flow.onnx"
MULTIPLE, SMALLEST = 8, 64


class OnnxFlow:
    """Whatever lies in the folder of weights under its name."""

    info = PluginInfo("onnx_flow", "ONNX flow", "An optical flow network of your own", 1)
    traits = Traits("flow", (), "none", ("flow",), "that of the file")
    weights: tuple[WeightFile, ...] = (WeightFile(FILE, 0, "", "that of the file"),)

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("onnxruntime")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Read the network. Raises BadInput when it takes or gives something else."""
        return _Loaded(files[FILE], device)


class _Loaded(FrameByFrame):
    """Flow of frame t: where its pixel lay in frame t - 1, minus where it lies. Zero at first."""

    def __init__(self, path: Path, device: Device) -> None:
        super().__init__("none")
        from inference_app.domain.networks.onnx_session import OnnxNetwork

        self._network = OnnxNetwork(path, device)
        pictures = [name for name, shape in self._network.inputs.items() if shape[1:2] == (3,)]
        flows = [name for name, shape in self._network.outputs.items() if shape[1:2] == (2,)]
        if len(pictures) != 2 or len(self._network.inputs) != 2 or not flows:
            raise BadInput(
                f"{path.name} takes {list(self._network.inputs)} and gives "
                f"{list(self._network.outputs.items())}",
                hint="two pictures of 3 planes in, a flow of 2 planes out",
            )
        self._names, self._flow = pictures, flows[-1]
        self._before: RgbFrame | None = None

    def begin(self) -> None:
        self._before = None

    def step(self, shot: Shot) -> dict[str, Planes]:
        before, self._before = self._before, shot.rgb
        height, width = shot.rgb.shape[:2]
        if before is None or before.shape != shot.rgb.shape:
            return {"flow": np.zeros((height, width, 2), np.float32)}
        pair = dict(zip(self._names, map(_padded, (shot.rgb, before)), strict=True))
        flow = self._network.run(pair)[self._flow][0]
        return {"flow": np.ascontiguousarray(flow[:, :height, :width].transpose(1, 2, 0))}

    def close(self) -> None:
        self._before = None


def _padded(rgb: RgbFrame) -> npt.NDArray[np.float32]:
    height, width = rgb.shape[:2]
    more = [max(SMALLEST, side + -side % MULTIPLE) - side for side in (height, width)]
    whole = np.pad(rgb, ((0, more[0]), (0, more[1]), (0, 0)), mode="edge")
    return np.ascontiguousarray(whole.transpose(2, 0, 1)[None].astype(np.float32))
