"""Flicker of what stands in the removed picture in the object's place."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Symptom,
    mean_of,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.outbursts import outbursts
from datasets_app.domain.quality.pulses import FILL_PULSE, FillWatch

_SCALE = 20.0
_SYMPTOM = Symptom(
    "the filled area flickers",
    ("rgb_removed",),
    "Make the removed picture again with more overlap between its parts.",
)


class _FillFlickerMeter:
    def __init__(self) -> None:
        self._watch = FillWatch()

    def add(self, frame: LayerFrames) -> None:
        self._watch.add(frame)

    def finish(self) -> MetricResult:
        values = [None if one is None else abs(one) for one in self._watch.pulses()]
        notes = outbursts(self._watch.surely(), 1.0, _SYMPTOM)
        return MetricResult(tuple(values), mean_of(values), notes, FILL_PULSE, _SCALE)


class FillFlicker(AlwaysAvailable):
    """By how many % the area behind the object became lighter or darker than what lies around it,
    and back again in the next frame.

    The difference of the medians, inside the outline and from 8 to 40 px outside of it, of the
    change of log luma since the frame before, which is carried along by the motion of the picture;
    on the way back without motion where what flickers has spoilt it. Light that changes on both
    sides does not count. Found are 12 %, twice that beside a frame that jumps too, and 2 where it
    comes back alike, three times and more at equal distances; where there is a full picture also
    2 % and 0.8 of how much lighter the removed one is than that just outside of the outline, beyond
    what that wanders in this clip. At the small size.
    """

    info = PluginInfo("fill_flicker", "Fill flicker", "Flicker behind the removed object", 6)
    needs = ("object_away", "rgb_removed_small", "rgb_removed_moved")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _FillFlickerMeter:
        """Begin; one small frame is kept."""
        return _FillFlickerMeter()
