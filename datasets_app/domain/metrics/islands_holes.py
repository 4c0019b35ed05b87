"""Specks beside the object and pinholes in it."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Symptom,
    mean_of,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.derived import largest_difference
from datasets_app.domain.quality.outbursts import Rule, outbursts
from datasets_app.domain.synthesis.compositing.trimask import HALF

# A part smaller than this share of the largest one is a speck or a pinhole, not a limb or a gap.
_SPECK = 0.02
# Levels by which what was removed differs, after averaging over 3 x 3 pixels.
_DIFFERS = 12
_SCALE = 20.0
_RULE = Rule(floor=5.5, times=7.0)
BoolMask = NDArray[np.bool_]
Numbers = NDArray[np.intp]
_SYMPTOM = Symptom(
    "specks or pinholes",
    ("alpha", "mask"),
    "Remove small parts of the mask and fill its holes.",
)


class _Meter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._denied: list[float | None] = []

    def add(self, frame: LayerFrames) -> float:
        inside = (frame["object"] > HALF).astype(np.uint8)
        specks, holes = _parts(inside), _parts(1 - np.pad(inside, 1))
        limit = _SPECK * int(specks.areas[1:].max(initial=0))
        # The largest gap is the surroundings.
        small = [np.flatnonzero(parts.areas[1:] < limit) + 1 for parts in (specks, holes)]
        count = sum(len(numbers) for numbers in small)
        self._values.append(float(count))
        self._denied.append(float(_denied(frame, specks, holes, *small)) if count else 0.0)
        return float(count)

    def finish(self) -> MetricResult:
        level = _RULE.level(self._values)
        notes = outbursts(self._denied, level, _SYMPTOM)
        return MetricResult(tuple(self._values), mean_of(self._values), notes, level, _SCALE)


class _Parts(NamedTuple):
    """Connected parts. ``numbers``: (H, W) int32, which part each pixel is of, 0 of none;
    ``areas``: pixels of each number."""

    numbers: NDArray[np.int32]
    areas: NDArray[np.int32]

    def within(self, plane: BoolMask) -> NDArray[np.int64]:
        """Return how many pixels of each number are true in ``plane``."""
        return np.bincount(self.numbers[plane], minlength=len(self.areas))


def _denied(
    frame: LayerFrames, specks: _Parts, holes: _Parts, islands: Numbers, gaps: Numbers
) -> int:
    """Return how many small parts the pair of pictures does not have: specks in which nothing was
    removed, holes in more than half of which something was. All of them without a pair."""
    if "rgb_full" not in frame or "rgb_removed" not in frame:
        return len(islands) + len(gaps)
    differs = largest_difference(*(cv2.blur(frame[x], (3, 3)) for x in ("rgb_full", "rgb_removed")))
    gone = differs > _DIFFERS
    unfounded = specks.within(gone)[islands] == 0
    filled = 2 * holes.within(np.pad(gone, 1))[gaps] > holes.areas[gaps]
    return int(unfounded.sum() + filled.sum())


def _parts(inside: GrayFrame) -> _Parts:
    _, numbers, figures, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    return _Parts(numbers, figures[:, cv2.CC_STAT_AREA])


class IslandsHoles(AlwaysAvailable):
    """Connected parts of the object (alpha above half), and of its gaps, that are smaller than a
    fiftieth of its largest part; at full size. For findings those count that the pair of pictures
    denies: specks in which nothing was removed, holes in which something was.
    """

    info = PluginInfo(
        "islands_holes", "Islands and holes", "Specks beside the object, pinholes in it", 3
    )
    needs = ("object",)
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _Meter:
        """Begin; nothing is kept but the numbers."""
        return _Meter()
