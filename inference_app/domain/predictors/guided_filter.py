"""The mask, smoothed along the edges of the picture: no weights, and the line to beat."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.guided_filter import guided
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile

UNIT = 128
"""The radius is meant for a frame whose shorter side is this."""


class GuidedFilter:
    """Radius and epsilon were chosen on the validation set."""

    info = PluginInfo(
        "guided_filter", "Guided filter", "The mask smoothed along the edges of the picture", 1
    )
    weights: tuple[WeightFile, ...] = ()
    traits = Traits("matting", ("mask",), "every", ("alpha",), "Apache-2.0")

    def __init__(self, radius: int = 4, epsilon: float = 1e-3) -> None:
        self.radius, self.epsilon = radius, epsilon

    def unavailable(self) -> str:
        """It needs nothing that is not there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> _Loaded:
        """Return the filter."""
        return _Loaded(self.radius, self.epsilon)


class _Loaded(FrameByFrame):
    def __init__(self, radius: int, epsilon: float) -> None:
        super().__init__("every")
        self.radius, self.epsilon = radius, epsilon

    def step(self, shot: Shot) -> dict[str, Planes]:
        assert shot.hint is not None  # noqa: S101  # hints_on is "every"
        radius = max(1, round(self.radius * min(shot.hint.shape) / UNIT))
        plane = np.asarray(shot.hint / 255.0, np.float32)
        return {"alpha": guided(shot.rgb, plane, radius, self.epsilon)}
