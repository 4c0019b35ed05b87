"""Grad: how differently steep an alpha and its truth are."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import gradient_error, unit


class _GradMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
        value = gradient_error(alpha, truth) / 1000
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values))


class Grad:
    """Gradient error over 1000; grows with the length of the edges."""

    info = PluginInfo("grad", "Grad", "Error of the edges against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _GradMeter:
        """Begin; no frame is kept."""
        return _GradMeter()
