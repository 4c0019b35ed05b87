"""Peaks that come back every so many frames, as those of networks that work in chunks do."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Note,
    Symptom,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.periods import Period, find_period
from datasets_app.domain.quality.pulses import FillWatch, OutlineWatch

_SYMPTOM = Symptom(
    "peaks every {0} frames: chunked inference?",
    ("alpha", "mask", "rgb_removed"),
    "Run the model again with overlapping parts, or with parts of another length.",
)
_STRENGTH = 0.9


class _PeriodicMeter:
    def __init__(self) -> None:
        self._outlines, self._fills = OutlineWatch(), FillWatch()
        self._frames = 0

    def add(self, frame: LayerFrames) -> None:
        self._frames += 1
        self._outlines.add(frame)
        if "rgb_removed_small" in frame:
            self._fills.add(frame)

    def finish(self) -> MetricResult:
        found = {
            ("alpha", "mask"): find_period(self._outlines.surely(), 1.0),
            ("rgb_removed",): find_period(self._fills.surely(), 1.0),
        }
        frames = self._frames
        known = [(one, layers) for layers, one in found.items() if one is not None]
        if not known:
            return MetricResult((0.0,) * frames, 0.0, scale=1.0)
        period, layers = max(known, key=lambda one: len(one[0].peaks))
        values = tuple(1.0 if n in period.peaks else 0.0 for n in range(frames))
        return MetricResult(values, float(period.length), _notes(period, layers), scale=1.0)


def _notes(period: Period, layers: tuple[str, ...]) -> tuple[Note, ...]:
    words = _SYMPTOM.words.format(period.length)
    symptom = replace(_SYMPTOM, words=words, layers=layers)
    return (Note(period.peaks[0], period.peaks[-1], symptom, _STRENGTH),)


class Periodic(AlwaysAvailable):
    """The period, in frames, at which the outline or the filled area jumps for a frame, 0 when
    there is none; the track marks the peaks with 1. Works on what `pulse` and `fill_flicker` show,
    at the small size.
    """

    info = PluginInfo(
        "periodic", "Periodic peaks", "Changes that come back every so many frames", 6
    )
    needs = ("object_away", "object_small")
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _PeriodicMeter:
        """Begin; three small frames are kept."""
        return _PeriodicMeter()
