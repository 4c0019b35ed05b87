"""MAD: the mean absolute difference of an alpha and its truth, as a whole and by region."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import Region, region_of, unit

_NAMES: dict[Region, tuple[str, str, str]] = {
    "whole": ("mad", "MAD", "Mean error against the true alpha"),
    "foreground": ("mad_foreground", "MAD inside", "Mean error where the object is solid"),
    "unknown": ("mad_unknown", "MAD unknown", "Mean error in a wide band around the edge"),
    "band": ("mad_band", "band MAD", "Mean error where the true alpha is soft"),
}


class _MadMeter:
    def __init__(self, region: Region) -> None:
        self._region = region
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
        inside = region_of(truth, self._region)
        error = np.abs(alpha - truth)[inside]
        value = 1000 * float(error.mean()) if error.size else None
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values))


class Mad:
    """Mean absolute difference, alpha in 0..1, times 1000; None where the region is empty."""

    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def __init__(self, region: Region = "whole") -> None:
        self._region = region
        slug, label, summary = _NAMES[region]
        self.info = PluginInfo(slug, label, summary, 1)

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _MadMeter:
        """Begin; no frame is kept."""
        return _MadMeter(self._region)
