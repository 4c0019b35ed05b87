"""A shadow, or another effect of the object, that stayed behind in the removed picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, Note, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.effect_maps import (
    MAPS,
    Floats,
    Matrix,
    View,
    camera_motion,
    moved_maps,
    onset_map,
    seen_object,
    view_of,
    window_at,
    window_scale,
)
from datasets_app.domain.quality.outbursts import strength

_LONGEST_LAG = 16
# Of so many frames one is compared with an earlier one; that one is told of as well.
_EVERY = 2
# Share of its own area that the object has to leave behind for two frames to be compared, and the
# share with which the search for a better one ends.
_LEFT, _ENOUGH = 0.15, 0.4
# How many times the noise a shadow has to be that comes and goes, or that moves along.
_ONSET, _MOVED = 14.0, 2.5
# Noise of the maps, in log luma, where their own spread says less.
_ONSET_NOISE, _MOVED_NOISE = 0.006, 0.015
_WINDOW = 8
# Frames without evidence that do not end a shadow.
_BRIDGED = 8
_WORDS = "something dark moves along with the removed object"


@dataclass(slots=True)
class _Sums:
    """Sum and number of the maps that tell of one frame."""

    total: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(MAPS, np.float32))
    count: int = 0

    def take(self, found: Floats) -> None:
        self.total += found
        self.count += 1


@dataclass(frozen=True, slots=True)
class _Shadow:
    """What was found in frames ``first`` to ``last``: how dark, 0..1, over how much noise."""

    first: int
    last: int
    depth: float
    excess: float


class _EffectLeftMeter:
    def __init__(self) -> None:
        self._frames = 0
        self._scale: float | None = None
        self._views: dict[int, View] = {}
        self._motion: dict[int, Matrix] = {}
        self._onsets: dict[int, npt.NDArray[np.float16]] = {}
        self._moved: dict[int, _Sums] = {}

    def add(self, frame: LayerFrames) -> None:
        number, covered = self._frames, frame["object_small"]
        self._frames += 1
        self._scale = self._scale or window_scale(covered)
        if self._scale is None:
            return
        self._views[number] = view_of(frame["rgb_removed_small"], covered, self._scale)
        self._views.pop(number - _LONGEST_LAG - 1, None)
        self._motion[number] = camera_motion(frame["flow_removed"]) if number else np.eye(3)
        window = window_at(covered, self._scale)
        if window is not None and number - 1 in self._views:
            before = self._motion[number] @ window
            found = onset_map(self._views[number], self._views[number - 1], window, before)
            self._onsets[number] = found.astype(np.float16)
            if number % _EVERY == 0:
                self._compare(number, window)

    def _compare(self, number: int, window: Matrix) -> None:
        """Compare with the nearest earlier frame whose object stood elsewhere in the scene."""
        now = self._views[number]
        here = seen_object(now, window)
        there, left, lag = window, 0.0, 0
        for lag in range(1, _LONGEST_LAG + 1):
            before = self._views.get(number - lag)
            if before is None:
                lag -= 1
                break
            there = self._motion[number - lag + 1] @ there
            left = float((here * (1 - seen_object(before, there))).sum())
            if left > _ENOUGH * here.sum():
                break
        if lag and left >= max(_LEFT * float(here.sum()), 2):
            maps = moved_maps(now, self._views[number - lag], window, there)
            for told, found in zip((number, number - lag), maps, strict=True):
                self._moved.setdefault(told, _Sums()).take(found)

    def finish(self) -> MetricResult:
        values: list[float | None] = [None] * self._frames
        for told in (*self._onsets, *self._moved):
            values[told] = 0.0
        shadows = [one for one in (_coming(self._onsets), _moving(self._moved)) if one]
        for shadow in shadows:
            for told in range(shadow.first, shadow.last + 1):
                values[told] = max(values[told] or 0.0, 100 * shadow.depth)
        notes = tuple(
            Note(one.first, one.last, _WORDS, strength(one.excess, 1.0)) for one in shadows[:1]
        )
        return MetricResult(tuple(values), mean_of(values), notes, None, 50.0)


def _coming(onsets: dict[int, npt.NDArray[np.float16]]) -> _Shadow | None:
    """Find the offset at which it got dark at once, and light again at once later."""
    if len(onsets) < 3:
        return None
    numbers = sorted(onsets)
    in_place = [1.4826 * float(np.median(np.abs(onsets[number]))) for number in numbers]
    best: _Shadow | None = None
    for row in range(MAPS[1]):  # a row of offsets at a time, so that little is copied at once
        maps = np.stack([onsets[number][:, row] for number in numbers]).astype(np.float32)
        found = _coming_in(maps, np.array(in_place, np.float32), numbers)
        if found is not None and (best is None or found.excess > best.excess):
            best = found
    return best


def _coming_in(
    maps: Floats, in_place: npt.NDArray[np.float32], numbers: list[int]
) -> _Shadow | None:
    in_time = 1.4826 * np.median(np.abs(maps), axis=0)
    excess = maps / (_ONSET_NOISE + np.maximum(in_time, in_place[:, None, None]))
    darker = np.maximum.accumulate(excess, axis=0)
    end, flattened, across = _peak(np.minimum(darker[:-1], -excess[1:]))
    course = excess[:, flattened, across]
    # Of several that begin before this end, the last one is the one that ends here.
    strong = np.flatnonzero(course[: end + 1] >= max(_ONSET, course[: end + 1].max() / 2))
    start = int(strong[-1]) if strong.size else 0
    level = float(min(course[start], -course[end + 1]))
    if level < _ONSET:
        return None
    depth = 1 - float(np.exp(-maps[start, flattened, across]))
    return _Shadow(numbers[start], numbers[end + 1] - 1, depth, level / _ONSET)


def _moving(moved: dict[int, _Sums]) -> _Shadow | None:
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
    return _Shadow(*_longest(numbers, dark), 1 - float(np.exp(-depth)), level / _MOVED)


def _darkest(maps: Floats, noise: float) -> tuple[float, list[int], float]:
    """Return excess, offset and depth of what is dark in three of four of these frames."""
    usual = np.quantile(maps, 0.25, axis=0)
    middle = np.median(usual, axis=(1, 2), keepdims=True)
    spread = 1.4826 * np.median(np.abs(usual - middle), axis=(1, 2), keepdims=True)
    excess = (usual - middle) / (noise + spread)
    place = _peak(excess)
    flattened, down, across = place
    return float(excess[flattened, down, across]), place, float(usual[flattened, down, across])


def _peak(numbers: npt.NDArray[Any]) -> list[int]:
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


class EffectLeft:
    """By how much, %, the removed picture is darker at one fixed offset from the object than the
    same place is without it: a shadow that was not removed.

    It is found when it comes and goes within the clip, or when the object moves against the scene;
    of an effect that rests all through the clip nothing can be told. Keeps 16 small frames, and
    about 20 kB per frame of the clip until the end.
    """

    info = PluginInfo("effect_left", "Effect left behind", "A shadow that was not removed", 1)
    needs = ("object_small", "rgb_removed_small", "flow_removed")
    unit = "%"
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _EffectLeftMeter:
        """Begin."""
        return _EffectLeftMeter()
