"""Where in a clip a shadow shows, from what `effect_maps` and `shadow_shapes` saw of its frames.

Three kinds of evidence: it got dark at once and light again at once (`coming`); it is dark wherever
the object stands and light where it stood (`moving`); something dark has the object's shape at one
place beside it (`resting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.effect_maps import MAPS, Floats
from datasets_app.domain.quality.shadow_shapes import ShapeMatch

Maps = Mapping[int, npt.NDArray[np.float16]]
Shapes = Mapping[int, ShapeMatch]

# How many times the noise a shadow has to be that moves along.
_MOVED: Final = 2.5
# The same of one that comes and goes, with the least fit of a shape while it is there.
_ONSETS: Final = ((7.5, 0.35), (14.0, 0.2), (60.0, -1.0))
# Noise of the maps, in log luma, where their own spread says less.
_ONSET_NOISE, _MOVED_NOISE = 0.006, 0.015
# A shadow that rests: the fit of its shape in three of four frames, and its depth in log luma.
_RESTS, _DEEP = 0.45, 0.2
# What is darker than by half and more is a thing of its own, no shadow.
_FAINT, _BLACK = 0.08, 0.85
_WINDOW: Final = 8
_SHORTEST: Final = 5
# Frames without evidence that do not end a shadow.
_BRIDGED: Final = 8


@dataclass(slots=True)
class Sums:
    """Sum and number of the maps that tell of one frame."""

    total: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(MAPS, np.float32))
    count: int = 0

    def take(self, found: Floats) -> None:
        self.total += found
        self.count += 1


@dataclass(frozen=True, slots=True)
class Shadow:
    """What was found in frames ``first`` to ``last``: how dark, 0..1, and how many times the
    evidence that is needed."""

    first: int
    last: int
    depth: float
    excess: float


@dataclass(frozen=True, slots=True)
class _Fit:
    place: tuple[int, ...]
    fit: float
    depth: float


def find_shadow(onsets: Maps, moved: Mapping[int, Sums], shapes: Shapes) -> Shadow | None:
    """Return the shadow whose frames are known best: one that comes and goes, else the longer of
    what the two other kinds of evidence show."""
    found = coming(onsets, shapes)
    if found is not None:
        return found
    others = [one for one in (moving(moved), resting(shapes)) if one is not None]
    return max(others, key=lambda one: one.last - one.first, default=None)


def coming(onsets: Maps, shapes: Shapes) -> Shadow | None:
    """Find the offset at which it got dark at once, and light again at once later."""
    if len(onsets) < _SHORTEST + 2:
        return None
    numbers = sorted(onsets)
    in_place = [1.4826 * float(np.median(np.abs(onsets[number]))) for number in numbers]
    best: Shadow | None = None
    for row in range(MAPS[1]):  # a row of offsets at a time, so that little is copied at once
        maps = np.stack([onsets[number][:, row] for number in numbers]).astype(np.float32)
        found = _coming_in(maps, np.array(in_place, np.float32), numbers)
        if best is None or found.excess > best.excess:
            best = found
    return None if best is None else _corroborated(best, shapes)


def _coming_in(maps: Floats, in_place: npt.NDArray[np.float32], numbers: list[int]) -> Shadow:
    """Return the strongest start and end at one offset, at least 5 frames apart.

    The excess of a frame is its map over the noise: 0.006 plus the larger of the MADs over time and
    over offsets, as standard deviations. A start counts by the smaller of its excess and the sum
    of its own and the frame's before, an end likewise with the frame after; both by the weaker.
    """
    in_time = 1.4826 * np.median(np.abs(maps), axis=0)
    excess = maps / (_ONSET_NOISE + np.maximum(in_time, in_place[:, None, None]))
    # What goes back at once is flicker, of the film or of the fill.
    darker, lighter = excess.copy(), -excess
    darker[1:] = np.minimum(excess[1:], excess[1:] + excess[:-1])
    lighter[:-1] = np.minimum(-excess[:-1], -excess[:-1] - excess[1:])
    begun = np.maximum.accumulate(darker, axis=0)[:-_SHORTEST]
    end, flattened, across = peak(np.minimum(begun, lighter[_SHORTEST:]))
    course, end = darker[:, flattened, across], end + _SHORTEST
    # Of several that begin before this end, the last one is the one that ends here.
    strong = np.flatnonzero(
        course[: end - _SHORTEST + 1] >= begun[end - _SHORTEST, flattened, across] / 2
    )
    start = int(strong[-1]) if strong.size else 0
    level = float(min(course[start], lighter[end, flattened, across]))
    depth = 1 - float(np.exp(-maps[start, flattened, across]))
    return Shadow(numbers[start], numbers[end] - 1, depth, level)


def _corroborated(found: Shadow, shapes: Shapes) -> Shadow | None:
    """Return a shadow whose onset is strong enough for how well it has the object's shape."""
    told = [one for number, one in shapes.items() if found.first <= number <= found.last]
    shape = _best_fit(told)
    fit = shape.fit if shape else 0.0
    for level, least in _ONSETS:
        if found.excess >= level and fit >= least:
            return Shadow(found.first, found.last, found.depth, found.excess / level)
    return None


def moving(moved: Mapping[int, Sums]) -> Shadow | None:
    """Find the offset at which it is dark wherever the object stands, for some time."""
    numbers = sorted(moved)
    best: tuple[float, list[int], float] = (0.0, [0, 0, 0], 0.0)
    if len(numbers) < _WINDOW:
        return None
    maps: Floats = np.stack([moved[one].total / np.float32(moved[one].count) for one in numbers])
    for length in sorted({max(_WINDOW, len(numbers) // 2), len(numbers)}):
        noise = _MOVED_NOISE * float(np.sqrt(_WINDOW / length))
        for first in range(0, len(numbers) - length + 1, max(1, length // 4)):
            best = max(best, _darkest(maps[first : first + length], noise))
    level, place, depth = best
    if level < _MOVED or depth <= 0:
        return None
    dark = maps[:, place[0], place[1], place[2]] > depth / 2
    return Shadow(*_longest(numbers, dark), 1 - float(np.exp(-depth)), level / _MOVED)


def _darkest(maps: Floats, noise: float) -> tuple[float, list[int], float]:
    """Return excess, offset and depth of what is dark in three of four of these frames."""
    usual = np.quantile(maps, 0.25, axis=0)
    middle = np.median(usual, axis=(1, 2), keepdims=True)
    spread = 1.4826 * np.median(np.abs(usual - middle), axis=(1, 2), keepdims=True)
    excess = (usual - middle) / (noise + spread)
    place = peak(excess)
    flattened, down, across = place
    return float(excess[flattened, down, across]), place, float(usual[flattened, down, across])


def resting(shapes: Shapes) -> Shadow | None:
    """Find the shape and offset that fit in three of four frames of the clip, and darkly."""
    if len(shapes) < _WINDOW:
        return None
    numbers = sorted(shapes)
    found = _best_fit([shapes[number] for number in numbers])
    if found is None or found.fit < _RESTS or found.depth < _DEEP:
        return None
    fits = np.array([shapes[number].fit[found.place] for number in numbers])
    first, last = _longest(numbers, fits > _RESTS / 2)
    return Shadow(first, last, 1 - float(np.exp(-found.depth)), found.fit / _RESTS)


def _best_fit(shapes: list[ShapeMatch]) -> _Fit | None:
    """Return the shape that fits best in three of four of these frames, of those that are dark."""
    if not shapes:
        return None
    fits = np.quantile(np.stack([one.fit for one in shapes]).astype(np.float32), 0.25, axis=0)
    depths = np.median(np.stack([one.depth for one in shapes]).astype(np.float32), axis=0)
    place = tuple(peak(np.where((depths > _FAINT) & (depths < _BLACK), fits, -1)))
    return _Fit(place, float(fits[place]), float(depths[place]))


def peak(numbers: npt.NDArray[Any]) -> list[int]:
    """Return where the largest number stands."""
    return [int(one) for one in np.unravel_index(int(np.argmax(numbers)), numbers.shape)]


def _longest(numbers: list[int], dark: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the longest run of dark frames, short gaps bridged."""
    runs: list[tuple[int, int]] = []
    for number in (number for number, one in zip(numbers, dark, strict=True) if one):
        if runs and number - runs[-1][1] <= _BRIDGED:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return max(runs, key=lambda run: run[1] - run[0])
