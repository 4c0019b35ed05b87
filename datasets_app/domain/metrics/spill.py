"""Colour thrown onto the rim of the object, and halos of what lay behind it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

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
from datasets_app.domain.quality.derived import Array, small
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
# Share of the directions that need not show it.
_QUANTILE = 0.3
_SCALE = 40.0
# Levels from which a cast is seen when it lasts, and when it comes and goes within the clip.
_LEVEL, _STEP = 17.5, 13.5
# The same when it lasts and no mixture of the object and what is behind it explains it.
_LEVEL_BEYOND = 3.0
# A step that is no more than that counts if so much of the cast is all around the object.
_CLEAR, _AROUND = 17.0, 12.0
# Spill does not come for a frame or two: what lasts less is motion.
_LASTS = 7
# An object that hides for so many frames has what it had before and has after.
_GAP = 8
_Casts = tuple[list[np.ndarray], list[np.ndarray]]
"""For each of R, G, B, the cast in each direction, in levels, above 0 for more of that colour:
what counts when it lasts, and what counts when it comes and goes."""

_SYMPTOM = Symptom(
    "colour spills onto the rim",
    ("fgr", "rgb_full"),
    "Take the colour of the light off the rim, or estimate the foreground anew.",
)


class _SpillMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._casts: tuple[list[float | None], ...] = ([], [], [])
        self._level = _LEVEL

    def add(self, frame: LayerFrames) -> float | None:
        solid = cv2.threshold(frame["object_small"], HALF, 255, cv2.THRESH_BINARY)[1]
        picture, behind = frame["rgb_full_small"], frame.get("rgb_removed_small")
        if "fgr" in frame:
            picture, behind = small(frame["fgr"], frame_size(solid)), None
        self._level = _LEVEL if behind is None else _LEVEL_BEYOND
        shared = _shared_casts(picture, solid, behind)
        value = None
        if shared is not None:
            value = max(0.0, *(float(np.quantile(cast, _QUANTILE)) for cast in shared[0]))
        for number, course in enumerate(self._casts):
            course.append(None if shared is None else float(np.median(shared[1][number])))
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        values = tuple(self._values)
        lasting = steadied(_bridged(self._values), _LASTS)
        notes = outbursts(lasting, self._level, _SYMPTOM) or self._come_and_gone()
        return MetricResult(values, mean_of(self._values), notes, self._level, _SCALE)

    def _come_and_gone(self) -> tuple[Note, ...]:
        """Return the stretches of the colour that jumps furthest."""
        every = [find_stretches(course, _STEP) for course in self._casts]
        best = max(every, key=lambda found: max((abs(one.height) for one in found), default=0))
        return tuple(
            Note(one.first, one.last, _SYMPTOM, strength(abs(one.height), _STEP))
            for one in best
            if self._is_shown(one)
        )

    def _is_shown(self, stretch: Stretch) -> bool:
        """Return whether the object is seen for most of it, with a cast all around."""
        frames = self._values[stretch.first : stretch.last + 1]
        known = [one for one in frames if one is not None]
        if 2 * len(known) <= len(frames):
            return False
        return abs(stretch.height) >= _CLEAR or float(np.median(known)) >= _AROUND


def _bridged(track: list[float | None]) -> list[float | None]:
    """Return the track, on a line across at most `_GAP` frames that say nothing."""
    known = [number for number, one in enumerate(track) if one is not None]
    found = list(track)
    for before, after in pairwise(known):
        if 1 < after - before <= _GAP + 1:
            ends = track[before] or 0.0, track[after] or 0.0
            line = np.linspace(*ends, after - before + 1)
            found[before : after + 1] = [float(one) for one in line]
    return found


def _shared_casts(picture: Array, solid: Array, behind: Array | None) -> _Casts | None:
    """Return the casts of the rim; None without an object.

    Over the inside next to it. Where the rim may show what is ``behind`` it: over any mixture of
    the two and of its shade; and over what is behind and its shade alone.
    """
    away = cv2.distanceTransform(solid, cv2.DIST_L2, 3)
    inside = ((away > _INSIDE[0]) & (away <= _INSIDE[1])).astype(np.float32)
    share = cv2.blur(inside, (_NEAR, _NEAR))
    rows, columns = np.nonzero((away > _RIM[0]) & (away <= _RIM[1]) & (share > _LEAST_SHARE))
    if not rows.size:
        return None
    rim = picture[rows, columns].astype(np.float64)
    nearby = cv2.blur(picture * inside[..., None], (_NEAR, _NEAR))[rows, columns]
    own = _casts(nearby / share[rows, columns, None])
    if behind is None:
        over = [_casts(rim) - own] * 2
    else:
        there = behind[rows, columns].astype(np.float64)
        shade = np.minimum(1, (rim.sum(axis=1) + 1) / (there.sum(axis=1) + 1))
        seen = _casts(there), _casts(there * shade[:, None])
        over = [_beyond(_casts(rim), own, *seen), _beyond(_casts(rim), *seen)]
    return _around(rows, columns, over)


def _around(rows: Array, columns: Array, over: list[np.ndarray]) -> _Casts | None:
    """Return the means of (N, 3) casts in each direction in which there are enough of them."""
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS
    pixels = np.bincount(sector, minlength=_SECTORS)
    told = pixels >= _LEAST_PIXELS
    if np.count_nonzero(told) < _SECTORS // 3:
        return None
    lasting, coming = (
        [np.bincount(sector, cast, _SECTORS)[told] / pixels[told] for cast in one.T] for one in over
    )
    return lasting, coming


def _beyond(cast: np.ndarray, *known: np.ndarray) -> np.ndarray:
    """Return how far (N, 3) casts lie outside of what the ``known`` ones span, 0 inside of it."""
    return np.asarray(cast - np.clip(cast, np.min(known, axis=0), np.max(known, axis=0)))


def _casts(colours: Array) -> np.ndarray:
    """Return (N, 3) float: how far each of R, G, B of (N, 3) stands out over the two others."""
    values = colours.astype(np.float64)
    return np.asarray(1.5 * values - values.sum(axis=1, keepdims=True) / 2)


class Spill(AlwaysAvailable):
    """Levels by which one of R, G, B stands out more at the rim (to 4 px) than in the inside next
    to it (to 14 px), at least so in seven tenths of the directions around the object: spill and
    halos surround it, its own colours seldom do. Without an fgr, in rgb_full: than in any mixture
    of that inside and of what rgb_removed has there. Found are seven frames of which most have 17.5
    levels, or 3 beyond a mixture; and stretches in which the median direction jumps by 17 levels
    and back, or by 13.5 to a cast of 12, while the object is seen. At the small size.
    """

    info = PluginInfo("spill", "Spill", "A colour cast all along the rim of the object", 6)
    needs = ("object_small", "rgb_full_small")
    unit = "levels"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _SpillMeter:
        """Begin; nothing is kept but the numbers."""
        return _SpillMeter()
