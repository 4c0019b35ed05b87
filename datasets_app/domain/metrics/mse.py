"""MSE: the mean squared difference of an alpha and its truth."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import unit
from datasets_app.domain.quality.each_frame import EachFrame


def _value(frame: LayerFrames) -> float | None:
    alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
    return 1000 * float(np.square(alpha - truth).mean())


class Mse(AlwaysAvailable):
    """Mean squared difference, alpha in 0..1, times 1000."""

    info = PluginInfo("mse", "MSE", "Mean squared error against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(_value)
