"""Flicker without truth: how far the object's outline strays from where the picture moved it."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, Symptom, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import OUTLINE_NEEDS, outline_change
from datasets_app.domain.quality.outbursts import Rule, outbursts

_SCALE = 20.0
# A limb that flow loses is no flicker; a whole outline that jumps by little is a matter of `pulse`.
_RULE = Rule(floor=20.0, ceiling=60.0, times=14.0)
_SYMPTOM = Symptom(
    "the outline flickers",
    ("alpha", "mask"),
    "Run the model again there, or mend the mask in those frames.",
)


class _FlickerMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        value = outline_change(frame)
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        level = _RULE.level(self._values)
        notes = outbursts(self._values, level, _SYMPTOM)
        return MetricResult(tuple(self._values), mean_of(self._values), notes, level, _SCALE)


class Flicker:
    """Mean change of opacity, %, in a band of 9 px along the outline, after the frame before was
    moved by the optical flow of the picture; only where the picture, moved likewise, agrees.

    Measured at the small size.
    """

    info = PluginInfo("flicker", "Flicker", "Change of the outline that no motion explains", 2)
    needs = OUTLINE_NEEDS
    unit = "%"
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _FlickerMeter:
        """Begin; nothing is kept but the numbers."""
        return _FlickerMeter()
