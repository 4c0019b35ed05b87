"""MESSDdt: how the squared error changes along the motion of the true alpha."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import Plane, moved_error_change, unit
from datasets_app.domain.quality.each_frame import EachFrame


class _Errors:
    def __init__(self) -> None:
        self._before: tuple[Plane, Plane] | None = None

    def change(self, frame: LayerFrames) -> float | None:
        alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
        before, self._before = self._before, (alpha - truth, truth)
        if before is None:
            return None
        return 10_000 * moved_error_change(alpha - truth, before[0], truth, before[1])


class Messddt(AlwaysAvailable):
    """Mean over pixels, alpha in 0..1, times 10000; None on the first frame."""

    info = PluginInfo("messddt", "MESSDdt", "Flicker of the error along the motion", 1)
    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; one frame is kept."""
        return EachFrame(_Errors().change)
