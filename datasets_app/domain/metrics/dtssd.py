"""dtSSD: how differently an alpha changes from its truth, from frame to frame.

M. Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015, equation 2, as
a root mean square over the pixels of a frame and times 100, as RVM and MatAnyone report it.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo


class _DtssdMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._error: npt.NDArray[np.int16] | None = None

    def add(self, frame: LayerFrames) -> float | None:
        # (a1 - a0) - (g1 - g0) is the change of the error a - g.
        error = frame["alpha"].astype(np.int16) - frame["alpha_truth"]
        value = None
        if self._error is not None:
            change = (error - self._error).astype(np.float64) / 255
            value = 100 * float(np.sqrt(np.mean(np.square(change))))
        self._error = error
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(tuple(self._values), mean_of(self._values))


class Dtssd:
    """100 times the root mean squared difference of the changes, alpha in 0..1; at full size."""

    info = PluginInfo("dtssd", "dtSSD", "Flicker against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _DtssdMeter:
        """Begin; one frame is kept."""
        return _DtssdMeter()
