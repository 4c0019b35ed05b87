"""dtSSD: how differently an alpha changes from its truth, from frame to frame.

M. Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015, equation 2, as
a root mean square over the pixels of a frame and times 100, as RVM and MatAnyone report it.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame


class _Errors:
    def __init__(self) -> None:
        self._before: npt.NDArray[np.int16] | None = None

    def change(self, frame: LayerFrames) -> float | None:
        # (a1 - a0) - (g1 - g0) is the change of the error a - g.
        error = frame["alpha"].astype(np.int16) - frame["alpha_truth"]
        before, self._before = self._before, error
        if before is None:
            return None
        return 100 * float(np.sqrt(np.mean(np.square((error - before).astype(np.float64) / 255))))


class Dtssd(AlwaysAvailable):
    """100 times the root mean squared difference of the changes, alpha in 0..1; at full size."""

    info = PluginInfo("dtssd", "dtSSD", "Flicker against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; one frame is kept."""
        return EachFrame(_Errors().change)
