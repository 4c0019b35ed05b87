"""Outline pulse: a matte that grows or shrinks all around for one frame."""

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
from datasets_app.domain.quality.pulses import OUTLINE_PULSE, OutlineWatch

_SCALE = 3.0
_SYMPTOM = Symptom(
    "the whole outline jumps for a frame",
    ("alpha", "mask"),
    "Take the matte of that frame from its neighbours, or run the model again with overlap.",
)


class _PulseMeter:
    def __init__(self) -> None:
        self._watch = OutlineWatch()

    def add(self, frame: LayerFrames) -> None:
        self._watch.add(frame)

    def finish(self) -> MetricResult:
        values = [None if one is None else abs(one) for one in self._watch.pulses()]
        notes = outbursts(self._watch.surely(), 1.0, _SYMPTOM)
        return MetricResult(tuple(values), mean_of(values), notes, OUTLINE_PULSE, _SCALE)


class Pulse(AlwaysAvailable):
    """Px by which the whole outline stands further out, or in, than in the frames before and after.

    With a removed picture: 0.8 times the change of the distance between outline and what differs
    between full and removed, beyond what it wanders in this clip. Without, and where that is not
    even: the smaller of the median of the signed distances to the outlines of the neighbours and of
    the change of area per length of the outline; steady motion and a limb that moves leave it at 0.
    Found are 0.75 px, twice that beside a frame that jumps too, and 0.3 where it comes back alike,
    three times and more at equal distances; there also 0.8 of the outline alone.
    At the small size.
    """

    info = PluginInfo("pulse", "Outline pulse", "The outline grows or shrinks for one frame", 5)
    needs = ("object_away", "object_small")
    unit = "px"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _PulseMeter:
        """Begin; three outlines are kept."""
        return _PulseMeter()
