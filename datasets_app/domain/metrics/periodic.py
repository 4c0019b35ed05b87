"""Peaks that come back every so many frames, as those of networks that work in chunks do."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, Note
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import fill_change, outline_change
from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.periods import Period, find_period

_WORDS = "peaks every {0} frames: chunked inference?"
_STRENGTH = 0.9


class _PeriodicMeter:
    def __init__(self) -> None:
        self._outline: list[float | None] = []
        self._fill: list[float | None] = []
        self._before: LayerFrames | None = None

    def add(self, frame: LayerFrames) -> None:
        before, self._before = self._before, frame
        if before is None:
            self._outline.append(None)
            self._fill.append(None)
            return
        self._outline.append(
            outline_change(
                frame["object_small"],
                before["object_small"],
                frame["rgb_full_small"],
                before["rgb_full_small"],
                frame["flow"],
            )
        )
        self._fill.append(_fill(frame, before))

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


def _fill(frame: LayerFrames, before: LayerFrames) -> float | None:
    if "flow_removed" not in frame:
        return None
    removed: Array = frame["rgb_removed_small"]
    return fill_change(
        removed, before["rgb_removed_small"], frame["object_small"], frame["flow_removed"]
    )


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
    needs = ("object_small", "rgb_full_small", "flow")
    unit = ""
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _PeriodicMeter:
        """Begin; one frame is kept."""
        return _PeriodicMeter()
