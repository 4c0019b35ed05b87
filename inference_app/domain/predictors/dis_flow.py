"""Optical flow by dense inverse search, as OpenCV has it: no weights.

T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile

SMALLEST_SIDE = 16
"""Its patches need some room; a smaller frame is enlarged for the search."""


class DisFlow:
    """Where each pixel came from."""

    info = PluginInfo(
        "dis_flow", "DIS flow", "Motion of every pixel from the frame before; no weights", 1
    )
    weights: tuple[WeightFile, ...] = ()
    traits = Traits("flow", (), "none", ("flow",), "Apache-2.0 (OpenCV)")

    def unavailable(self) -> str:
        """It comes with OpenCV, which is always there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> _Loaded:
        """Return the search."""
        return _Loaded()


class _Loaded(FrameByFrame):
    """Flow of frame t: where its pixel lay in frame t - 1, minus where it lies. Zero at first."""

    def __init__(self) -> None:
        super().__init__("none")
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._before: GrayFrame | None = None

    def begin(self) -> None:
        self._before = None

    def step(self, shot: Shot) -> dict[str, Planes]:
        luma = np.asarray(cv2.cvtColor(shot.rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        before, self._before = self._before, luma
        if before is None:
            return {"flow": np.zeros((*luma.shape, 2), np.float32)}
        height, width = luma.shape
        factor = max(1, -(-SMALLEST_SIDE // min(height, width)))
        if factor > 1:
            size = (width * factor, height * factor)
            luma, before = cv2.resize(luma, size), cv2.resize(before, size)
        flow = self._search.calc(luma, before, None)
        if factor > 1:
            flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_AREA) / factor
        return {"flow": np.asarray(flow, np.float32)}
