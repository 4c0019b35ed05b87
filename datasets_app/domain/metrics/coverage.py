"""How much of the frame the object covers, and where it vanishes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Note,
    Symptom,
    mean_of,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.derived import largest_difference

# Below this share of its usual cover an object that is there before and after has vanished.
_VANISHED = 0.05
# An object that the removed picture still lacks: levels, and share of its usual cover.
_DIFFERS, _STILL = 12, 0.1
# A longer absence is an object that left and came back.
_LONGEST_GAP = 8
_SYMPTOM = Symptom(
    "the object vanishes",
    ("alpha", "mask"),
    "Draw the mask in those frames, or carry it over from the frames beside them.",
)


class _CoverageMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._most = 0.0
        self._differs: list[float | None] = []

    def add(self, frame: LayerFrames) -> float:
        value = 100 * float(frame["object"].mean(dtype=np.float64)) / 255
        self._values.append(value)
        self._most = max(self._most, value)
        gone = value <= _VANISHED * self._most
        self._differs.append(_differing(frame) if gone else None)
        return value

    def finish(self) -> MetricResult:
        return MetricResult(
            tuple(self._values),
            mean_of(self._values),
            tuple(_vanished(self._values, self._differs)),
            scale=50.0,
        )


def _differing(frame: LayerFrames) -> float | None:
    """Return the share of the frame, %, in which something was removed; None without the pair."""
    if "rgb_full_small" not in frame or "rgb_removed_small" not in frame:
        return None
    differs = largest_difference(frame["rgb_full_small"], frame["rgb_removed_small"]) > _DIFFERS
    return 100 * float(differs.mean())


def _vanished(values: list[float | None], differs: list[float | None]) -> list[Note]:
    """Return the short gaps between frames that do show the object; but for those in which nothing
    was removed: there it is hidden, or elsewhere."""
    covers = np.array(values, np.float64)
    shown = covers[covers > 0]
    if not shown.size:
        return []
    usual = float(np.median(shown))
    present = covers > _VANISHED * usual
    edges = np.flatnonzero(np.diff(present.astype(np.int8)))
    notes = []
    for left, right in pairwise(edges):
        missing = [one for one in differs[left + 1 : right + 1] if one is not None]
        hidden = bool(missing) and float(np.median(missing)) < _STILL * usual
        if present[left] and right - left <= _LONGEST_GAP and not hidden:
            notes.append(Note(int(left) + 1, int(right), _SYMPTOM, 0.9))
    return notes


class Coverage(AlwaysAvailable):
    """The mean of the object's alpha over the frame: every pixel counts by its opacity. Found are
    frames without the object between others with it, unless nothing was removed in them either.
    """

    info = PluginInfo("coverage", "Coverage", "Share of the frame that the object covers", 2)
    needs = ("object",)
    unit = "%"
    better: Better = "none"

    def start(self, size: FrameSize, fps: Fraction) -> _CoverageMeter:
        """Begin; nothing is kept but the numbers."""
        return _CoverageMeter()
