"""Conn: what is torn off or stuck on beside the truth."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import connectivity_error, unit
from datasets_app.domain.quality.each_frame import EachFrame


def _value(frame: LayerFrames) -> float | None:
    alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
    return connectivity_error(alpha, truth) / 1000


class Conn(AlwaysAvailable):
    """Connectivity error over 1000; grows with the picture."""

    info = PluginInfo("conn", "Conn", "Error of connected parts against the true alpha", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(_value)
