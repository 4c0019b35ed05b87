"""SAD: the sum of absolute differences of an alpha and its truth."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import unit


class _SadMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
        value = float(np.abs(alpha - truth).sum()) / 1000
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values))


class Sad:
    """Sum of absolute differences, alpha in 0..1, over 1000; grows with the picture."""

    info = PluginInfo("sad", "SAD", "Sum of errors against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _SadMeter:
        """Begin; no frame is kept."""
        return _SadMeter()
