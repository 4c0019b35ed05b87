"""Colour thrown onto the rim of the object, and halos of what lay behind it."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, frame_size
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
from datasets_app.domain.quality.derived import Array, largest_difference, small
from datasets_app.domain.quality.outbursts import outbursts, strength
from datasets_app.domain.quality.steps import Stretch, find_stretches, steadied
from datasets_app.domain.synthesis.compositing.trimask import HALF

# The rim lies from there to there inside the outline, beyond what mixes with the background; the
# inside that it is held against from there to there.
_RIM = 1.0, 4.0
_INSIDE = 5.0, 14.0
# A pixel of the rim is held against the inside within half of this side, if there is enough of it.
_NEAR = 17
_LEAST_SHARE = 0.12
# The outline is looked at in this many directions from the object's middle.
_SECTORS = 24
_LEAST_PIXELS = 4
# Levels by which an object differs from what is behind it.
_DIFFERS = 12
# Share of the directions that need not show it.
_QUANTILE = 0.3
_SCALE = 40.0
# Levels from which a cast is seen when it lasts, and when it comes and goes within the clip.
_LEVEL, _STEP = 24.0, 12.5
# A step that is no more than that counts if so much of the cast is all around the object.
_CLEAR, _AROUND = 17.0, 12.0
# Spill does not come for a frame or two: what lasts less is motion.
_LASTS = 7
_SYMPTOM = Symptom(
    "colour spills onto the rim",
    ("fgr", "rgb_full"),
    "Take the colour of the light off the rim, or estimate the foreground anew.",
)


class _SpillMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._casts: tuple[list[float | None], ...] = ([], [], [])

    def add(self, frame: LayerFrames) -> float | None:
        alpha, picture = frame["object_small"], frame["rgb_full_small"]
        if "fgr" in frame:
            picture = small(frame["fgr"], frame_size(alpha))
        shared = _shared_casts(picture, _solid(frame))
        value = None
        if shared is not None:
            value = max(0.0, *(float(np.quantile(cast, _QUANTILE)) for cast in shared))
        for number, course in enumerate(self._casts):
            course.append(None if shared is None else float(np.median(shared[number])))
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        values = tuple(self._values)
        notes = outbursts(steadied(values, _LASTS), _LEVEL, _SYMPTOM) or self._come_and_gone()
        return MetricResult(values, mean_of(self._values), notes, _LEVEL, _SCALE)

    def _come_and_gone(self) -> tuple[Note, ...]:
        """Return the stretches of the colour that jumps furthest."""
        every = [find_stretches(course, _STEP) for course in self._casts]
        best = max(every, key=lambda found: max((abs(one.height) for one in found), default=0))
        return tuple(
            Note(one.first, one.last, _SYMPTOM, strength(abs(one.height), _STEP))
            for one in best
            if abs(one.height) >= _CLEAR or self._is_around(one)
        )

    def _is_around(self, stretch: Stretch) -> bool:
        known = [one for one in self._values[stretch.first : stretch.last + 1] if one is not None]
        return bool(known) and float(np.median(known)) >= _AROUND


def _solid(frame: LayerFrames) -> Array:
    """Return the object, {0, 255}; a mask, which reaches further, is cut to what was removed."""
    solid: Array = cv2.threshold(frame["object_small"], HALF, 255, cv2.THRESH_BINARY)[1]
    if "alpha" in frame or "rgb_removed_small" not in frame:
        return solid
    pair = (cv2.blur(frame[name], (3, 3)) for name in ("rgb_full_small", "rgb_removed_small"))
    differs = largest_difference(*pair) > _DIFFERS
    seen = np.where(differs, solid, 0).astype(np.uint8)
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    # Averaging over 3 x 3 pixels made it reach one pixel too far.
    return np.asarray(cv2.erode(seen, np.ones((3, 3), np.uint8)))


def _shared_casts(picture: Array, solid: Array) -> list[np.ndarray] | None:
    """Return, for each of R, G, B, the cast of the rim over the inside next to it, in levels, in
    each direction; None without an object."""
    away = cv2.distanceTransform(solid, cv2.DIST_L2, 3)
    inside = ((away > _INSIDE[0]) & (away <= _INSIDE[1])).astype(np.float32)
    share = cv2.blur(inside, (_NEAR, _NEAR))
    rows, columns = np.nonzero((away > _RIM[0]) & (away <= _RIM[1]) & (share > _LEAST_SHARE))
    if not rows.size:
        return None
    nearby = cv2.blur(picture * inside[..., None], (_NEAR, _NEAR))[rows, columns]
    casts = _casts(picture[rows, columns]) - _casts(nearby / share[rows, columns, None])
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS
    pixels = np.bincount(sector, minlength=_SECTORS)
    told = pixels >= _LEAST_PIXELS
    if np.count_nonzero(told) < _SECTORS // 3:
        return None
    return [np.bincount(sector, cast, _SECTORS)[told] / pixels[told] for cast in casts.T]


def _casts(colours: Array) -> np.ndarray:
    """Return (N, 3) float: how far each of R, G, B of (N, 3) stands out over the two others."""
    values = colours.astype(np.float64)
    return np.asarray(1.5 * values - values.sum(axis=1, keepdims=True) / 2)


class Spill(AlwaysAvailable):
    """Levels by which one of R, G, B stands out more at the rim (to 4 px) than in the inside next
    to it (to 14 px), at least so in seven tenths of the directions around the object: spill and
    halos surround it, its own colours seldom do. Found are seven frames of which most have 24
    levels, and stretches in which the median direction jumps by 17 levels and back, or by 12.5 to a
    cast of 12. Of fgr when there is one, else of rgb_full. At the small size.
    """

    info = PluginInfo("spill", "Spill", "A colour cast all along the rim of the object", 3)
    needs = ("object_small", "rgb_full_small")
    unit = "levels"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _SpillMeter:
        """Begin; nothing is kept but the numbers."""
        return _SpillMeter()
