"""Peaks that come back every so many frames, as those of networks that work in chunks do."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, Note
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import OUTLINE_NEEDS, fill_change, outline_change
from datasets_app.domain.quality.periods import Period, find_period

_WORDS = "peaks every {0} frames: chunked inference?"
_STRENGTH = 0.9


class _PeriodicMeter:
    def __init__(self) -> None:
        self._outline: list[float | None] = []
        self._fill: list[float | None] = []

    def add(self, frame: LayerFrames) -> None:
        self._outline.append(outline_change(frame))
        self._fill.append(fill_change(frame))

    def finish(self) -> MetricResult:
        found = [
            (period, track)
            for track in (self._outline, self._fill)
            if (period := find_period(track)) is not None
        ]
        frames = len(self._outline)
        if not found:
            return MetricResult((0.0,) * frames, 0.0, scale=1.0)
        period = max((one for one, _ in found), key=lambda one: len(one.peaks))
        values = tuple(1.0 if n in period.peaks else 0.0 for n in range(frames))
        return MetricResult(values, float(period.length), _notes(period), scale=1.0)


def _notes(period: Period) -> tuple[Note, ...]:
    words = _WORDS.format(period.length)
    return (Note(period.peaks[0], period.peaks[-1], words, _STRENGTH),)


class Periodic:
    """The period, in frames, at which the outline or the filled area changes against all motion,
    0 when there is none; the track marks the peaks with 1. Works on what `flicker` and
    `fill_flicker` show, at the small size.
    """

    info = PluginInfo(
        "periodic", "Periodic peaks", "Changes that come back every so many frames", 1
    )
    needs = OUTLINE_NEEDS
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _PeriodicMeter:
        """Begin; nothing is kept but the numbers."""
        return _PeriodicMeter()
