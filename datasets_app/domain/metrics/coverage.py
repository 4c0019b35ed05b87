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

# Below this share of its usual cover an object that is there before and after has vanished.
_VANISHED = 0.05
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

    def add(self, frame: LayerFrames) -> float:
        value = float(frame["object"].mean(dtype=np.float64)) / 255
        self._values.append(100 * value)
        return 100 * value

    def finish(self) -> MetricResult:
        return MetricResult(
            tuple(self._values),
            mean_of(self._values),
            tuple(_vanished(self._values)),
            scale=50.0,
        )


def _vanished(values: list[float | None]) -> list[Note]:
    """Return the short gaps between frames that do show the object."""
    covers = np.array(values, np.float64)
    shown = covers[covers > 0]
    if not shown.size:
        return []
    present = covers > _VANISHED * float(np.median(shown))
    edges = np.flatnonzero(np.diff(present.astype(np.int8)))
    notes = []
    for left, right in pairwise(edges):
        if present[left] and right - left <= _LONGEST_GAP:
            notes.append(Note(int(left) + 1, int(right), _SYMPTOM, 0.9))
    return notes


class Coverage(AlwaysAvailable):
    """The mean of the object's alpha over the frame: every pixel counts by its opacity."""

    info = PluginInfo("coverage", "Coverage", "Share of the frame that the object covers", 1)
    needs = ("object",)
    unit = "%"
    better: Better = "none"

    def start(self, size: FrameSize, fps: Fraction) -> _CoverageMeter:
        """Begin; nothing is kept but the numbers."""
        return _CoverageMeter()
