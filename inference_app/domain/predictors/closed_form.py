"""Closed-form matting of one frame after the other, from a trimap or a mask.

A. Levin, D. Lischinski, Y. Weiss, "A Closed Form Solution to Natural Image Matting", 2008, as
PyMatting solves it. A mask becomes a trimap whose unknown band has a fixed radius. Frames whose
longer side is above ``LONGEST`` are solved at that size: a frame costs more than a kilobyte per
pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from inference_app.domain.trimaps import UNKNOWN, snapped, trimap_of

LONGEST = 1280

UNIT = 128
"""The radius is meant for a frame whose shorter side is this."""


class ClosedForm:
    """The radius was chosen on the validation set."""

    info = PluginInfo(
        "closed_form", "Closed form", "Solves each frame from a trimap; slow, no weights", 2
    )
    weights: tuple[WeightFile, ...] = ()
    traits = Traits("matting", ("trimap", "mask"), "every", ("alpha",), "MIT (PyMatting)")

    def __init__(self, radius: int = 6, longest: int = LONGEST) -> None:
        self.radius, self.longest = radius, longest

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("pymatting")

    def load(self, files: Mapping[str, Path], device: Device) -> _Loaded:
        """Import PyMatting, which compiles itself the first time."""
        return _Loaded(self.radius, self.longest)


class _Loaded(FrameByFrame):
    def __init__(self, radius: int, longest: int) -> None:
        super().__init__("every")
        from pymatting import estimate_alpha_cf

        self._solve = estimate_alpha_cf
        self.radius, self.longest = radius, longest

    def step(self, shot: Shot) -> dict[str, Planes]:
        assert shot.hint is not None  # noqa: S101  # hints_on is "every"
        small = frame_size(shot.rgb).fitted(self.longest)
        if shot.hint.shape == (small.height, small.width):
            return {"alpha": self._solved(shot.rgb, shot.hint)}
        size = (small.width, small.height)
        rgb = cv2.resize(shot.rgb, size, interpolation=cv2.INTER_AREA)
        # Not averaged: a trimap has three values, and a mask two.
        hint = cv2.resize(shot.hint, size, interpolation=cv2.INTER_NEAREST)
        alpha = self._solved(np.asarray(rgb, np.uint8), np.asarray(hint, np.uint8))
        return {"alpha": enlarged(shot.rgb, alpha)}

    def _solved(self, rgb: RgbFrame, hint: GrayFrame) -> Planes:
        trimap = self._trimap(hint)
        known = trimap != UNKNOWN
        if known.all() or len(np.unique(trimap[known])) < 2:
            # One side alone: there is nothing to solve between.
            return np.where(trimap > UNKNOWN, 1, 0).astype(np.float32)
        alpha = self._solve(rgb / 255.0, trimap / 255.0 * (trimap != UNKNOWN) + 0.5 * ~known)
        return np.asarray(np.clip(alpha, 0, 1), np.float32)

    def _trimap(self, hint: GrayFrame) -> GrayFrame:
        if (hint == UNKNOWN).any():
            return snapped(hint)
        return trimap_of(hint, max(1, round(self.radius * min(hint.shape) / UNIT)))
