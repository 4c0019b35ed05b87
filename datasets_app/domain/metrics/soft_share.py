"""How much of the object is neither opaque nor clear."""

from __future__ import annotations

from fractions import Fraction

import cv2

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo


class _SoftShareMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        alpha = frame["alpha"]
        shown = int(cv2.countNonZero(alpha))
        opaque = int(cv2.countNonZero(cv2.inRange(alpha, 255, 255)))
        value = 100 * (shown - opaque) / shown if shown else None
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values), scale=100.0)


class SoftShare:
    """Pixels of alpha 1..254 among those above 0, at full size; nothing without an object."""

    info = PluginInfo("soft_share", "Soft share", "Share of the object that is half clear", 1)
    needs = ("alpha",)
    unit = "%"
    better: Better = "none"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _SoftShareMeter:
        """Begin; nothing is kept but the numbers."""
        return _SoftShareMeter()
