"""Depth in layers from a mask: the object before a floor that comes nearer downwards.

No network looks at the picture. It serves defocus and ordering where a real depth is not at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile

FLOOR = 0.6
"""Nearness of the floor at the lower border; the upper border is at 0."""


class LayeredDepth:
    """A floor, and the object standing on it where its lowest pixel is."""

    info = PluginInfo(
        "layered_depth", "Layered depth", "The masked object on a floor; looks at no picture", 1
    )
    weights: tuple[WeightFile, ...] = ()
    traits = Traits("depth", ("mask",), "every", ("depth",), "Apache-2.0")

    def unavailable(self) -> str:
        """It needs nothing that is not there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> _Loaded:
        """Return the rule."""
        return _Loaded("every")


class _Loaded(FrameByFrame):
    def step(self, shot: Shot) -> dict[str, Planes]:
        assert shot.hint is not None  # noqa: S101  # hints_on is "every"
        height, width = shot.hint.shape
        rows = np.linspace(0, FLOOR, height, dtype=np.float32)
        depth = np.repeat(rows[:, None], width, 1)
        covered = np.flatnonzero((shot.hint > 127).any(1))
        if covered.size:
            weight = shot.hint.astype(np.float32) / 255
            depth += weight * (max(rows[covered[-1]], FLOOR / 2) + 0.2 - depth)
        return {"depth": np.clip(depth, 0, 1)}
