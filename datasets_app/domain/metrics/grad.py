"""Grad: how differently steep an alpha and its truth are."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import gradient_error, unit
from datasets_app.domain.quality.each_frame import EachFrame


def _value(frame: LayerFrames) -> float | None:
    alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
    return gradient_error(alpha, truth) / 1000


class Grad(AlwaysAvailable):
    """Gradient error over 1000; grows with the length of the edges."""

    info = PluginInfo("grad", "Grad", "Error of the edges against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(_value)
