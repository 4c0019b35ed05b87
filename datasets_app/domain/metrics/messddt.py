"""MESSDdt: how the squared error changes along the motion of the true alpha."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import Plane, moved_error_change, unit


class _MessddtMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._before: tuple[Plane, Plane] | None = None

    def add(self, frame: LayerFrames) -> float | None:
        alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
        error, value = alpha - truth, None
        if self._before is not None:
            error_before, truth_before = self._before
            value = 10_000 * moved_error_change(error, error_before, truth, truth_before)
        self._before = error, truth
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values))


class Messddt:
    """Mean over pixels, alpha in 0..1, times 10000; None on the first frame."""

    info = PluginInfo("messddt", "MESSDdt", "Flicker of the error along the motion", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _MessddtMeter:
        """Begin; one frame is kept."""
        return _MessddtMeter()
