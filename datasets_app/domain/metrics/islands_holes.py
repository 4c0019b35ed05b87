"""Specks beside the object and pinholes in it."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np

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
from datasets_app.domain.quality.derived import largest_difference
from datasets_app.domain.quality.outbursts import Rule, outbursts
from datasets_app.domain.synthesis.compositing.trimask import HALF

# A part smaller than this share of the largest one is a speck or a pinhole, not a limb or a gap.
_SPECK = 0.02
# Levels by which what was removed differs, after averaging over 3 x 3 pixels.
_DIFFERS = 12
_SCALE = 20.0
_RULE = Rule(floor=5.5, times=7.0)
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
        largest, specks = _parts(inside)
        _, holes = _parts(1 - np.pad(inside, 1))
        limit = _SPECK * largest
        # The largest gap is the surroundings.
        small = [[one for one in parts if one.area < limit] for parts in (specks, holes)]
        count = sum(len(parts) for parts in small)
        self._values.append(float(count))
        self._denied.append(float(_denied(frame, *small)) if count else 0.0)
        return float(count)

    def finish(self) -> MetricResult:
        level = _RULE.level(self._values)
        notes = outbursts(self._denied, level, _SYMPTOM)
        return MetricResult(tuple(self._values), mean_of(self._values), notes, level, _SCALE)


class _Part(NamedTuple):
    area: int
    where: tuple[slice, slice]
    shape: np.ndarray


def _denied(frame: LayerFrames, specks: list[_Part], holes: list[_Part]) -> int:
    """Return how many of them the pair of pictures does not have: specks in which nothing was
    removed, holes in which something was. All of them without a pair."""
    if "rgb_full" not in frame or "rgb_removed" not in frame:
        return len(specks) + len(holes)
    differs = largest_difference(*(cv2.blur(frame[x], (3, 3)) for x in ("rgb_full", "rgb_removed")))
    gone = differs > _DIFFERS
    padded = np.pad(gone, 1)
    lost = sum(not gone[one.where][one.shape].any() for one in specks)
    return lost + sum(bool(padded[one.where][one.shape].mean() > 0.5) for one in holes)


def _parts(inside: np.ndarray) -> tuple[int, list[_Part]]:
    """Return the area of the largest connected part, in pixels, and all parts."""
    count, numbers, figures, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    parts = []
    for one in range(1, count):
        x, y, width, height, area = (int(figure) for figure in figures[one])
        where = slice(y, y + height), slice(x, x + width)
        parts.append(_Part(area, where, numbers[where] == one))
    return max((part.area for part in parts), default=0), parts


class IslandsHoles(AlwaysAvailable):
    """Connected parts of the object (alpha above half), and of its gaps, that are smaller than a
    fiftieth of its largest part; at full size. For findings those count that the pair of pictures
    denies: specks in which nothing was removed, holes in which something was.
    """

    info = PluginInfo(
        "islands_holes", "Islands and holes", "Specks beside the object, pinholes in it", 2
    )
    needs = ("object",)
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _Meter:
        """Begin; nothing is kept but the numbers."""
        return _Meter()
