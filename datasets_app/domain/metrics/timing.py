"""Layers that are a frame early or late against each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

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
from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.lateness import (
    LEAST,
    NEAR,
    Sums,
    explained,
    late_or_early,
    lateness,
    usual_distance,
)
from datasets_app.domain.quality.margins import border_of_removed
from datasets_app.domain.quality.outbursts import in_layers, outbursts
from datasets_app.domain.quality.picture_lag import Values, lagging, picture_lag
from datasets_app.domain.synthesis.compositing.trimask import HALF

_LEVEL = 17.0
# Beside frames that reach the level, as much is enough: in a clip whose layers fit there is none.
_ENDS = 5.0
# The same of how late a picture is, and an outline, of the level.
_BESIDE, _BESIDE_LATE = 0.6, 0.4
# What is off for fewer frames needs twice as much: over those that are looked at together, one jerk
# is off for seven.
_LASTS = 8
# Frames that have to agree about which neighbour fits better: one alone says little.
_AGREED = 5
# Mattes that fit are equal: of them half as much is enough.
_EXACT = 2.0
# The margin that masks are rendered with by default, and those that are tried beside it.
_MARGIN = 2
_MARGINS = tuple(range(9))
# Pixels off the outline from which it does not matter how far.
_FAR = 6.0

_Gains = tuple[float, float]
_SYMPTOM = Symptom(
    "a layer is one frame off",
    ("mask", "alpha", "rgb_removed"),
    "Shift the layer by one frame and import it again.",
)


class _TimingMeter:
    def __init__(self) -> None:
        self._near: deque[LayerFrames] = deque(maxlen=3)
        self._pairs: list[Values] = []
        self._mattes: list[_Gains] = []
        self._outlines: list[_Gains] = []
        self._lateness: list[Sums] = []
        self._frames = 0

    def add(self, frame: LayerFrames) -> None:
        self._near.append(frame)
        self._frames += 1
        if len(self._near) == 3:
            self._pairs.append(_pair_lag(list(self._near)))
            self._mattes.append(_matte_gains(*self._near))
            gains, late = _outlines(*self._near)
            self._outlines.append(gains)
            self._lateness.append(late)

    def finish(self) -> MetricResult:
        late, lagged = late_or_early(self._lateness), lagging(self._pairs)
        evidence = {
            ("rgb_removed",): np.where(lagged > _BESIDE, _LEVEL * lagged, 0),
            ("mask", "alpha"): _EXACT * _agreed(self._mattes),
            ("mask",): _together(_agreed(self._outlines), _LEVEL * late),
        }
        tracks = {
            names: [0.0, *np.minimum(gains, 100).tolist(), 0.0] for names, gains in evidence.items()
        }
        inner = np.max(list(tracks.values()), axis=0)[1:-1]
        ends: list[float | None] = [None] * min(2, self._frames)
        values = [*ends[:1], *(float(gain) for gain in inner), *ends[1:]]
        found = outbursts(values, _LEVEL, _SYMPTOM, ends=_ENDS, lasts=_LASTS)
        notes = in_layers(found, tracks, _LEVEL)
        return MetricResult(tuple(values), mean_of(values), notes, _LEVEL, 100.0)


def _together(gains: Values, late: Values) -> Values:
    """Return what two witnesses say together that err for different reasons."""
    both = np.hypot(gains, late)
    return np.where(both > _BESIDE_LATE * _LEVEL, both, gains)


def _pair_lag(near: Sequence[LayerFrames]) -> Values:
    """Hold the full picture against the removed ones, away from the object."""
    covered = reduce(cv2.max, [one["object_small"] for one in near])
    outside = cv2.inRange(cv2.dilate(covered, np.ones((17, 17), np.uint8)), 0, 0)
    removed = [one["rgb_removed_small"] for one in near]
    return picture_lag(near[1]["rgb_full_small"], removed, outside > 0)


def _matte_gains(before: LayerFrames, frame: LayerFrames, after: LayerFrames) -> _Gains:
    """Hold the mask against the alphas, each widened by what fits best: masks reach further."""
    if "alpha" not in frame or "mask" not in frame:
        return 0.0, 0.0
    covered = (frame["mask"] < HALF // 2).astype(np.uint8)
    if not _unlike(covered, frame["alpha"], (_MARGIN,)):
        return 0.0, 0.0
    near = [_unlike(covered, one["alpha"], _MARGINS) for one in (before, frame, after)]
    return (_gain(near[1], near[0]), _gain(near[1], near[2])) if near[1] else (0.0, 0.0)


def _unlike(covered: Array, alpha: Array, margins: tuple[int, ...]) -> float:
    """Return how many pixels of {0, 1} ``covered`` differ from the alpha at its best margin."""
    shown = (alpha > 0).astype(np.uint8)
    wider = (cv2.dilate(shown, np.ones((2 * one + 1,) * 2, np.uint8)) for one in margins)
    return float(min(cv2.countNonZero(cv2.bitwise_xor(covered, one)) for one in wider))


def _outlines(before: LayerFrames, frame: LayerFrames, after: LayerFrames) -> tuple[_Gains, Sums]:
    """Hold the border of what differs between full and removed against the outlines.

    A mask that fits keeps one distance to it all around; of a late one the distance is short where
    the object goes and long where it came from.
    """
    if "alpha" in frame:
        return (0.0, 0.0), np.zeros((16, 3))
    border = border_of_removed(frame["rgb_full_small"], frame["rgb_removed_small"])
    off = [one["object_away"] for one in (before, frame, after)]
    distances = np.stack([one[border] for one in off])
    usual = usual_distance(distances[1])
    # What none of the three explains may be a shadow, and what they do may be chance.
    some, every = _gains(distances[:, explained(distances, usual)]), _gains(distances)
    return (min(some[0], every[0]), min(some[1], every[1])), lateness(border, *off)


def _gains(distances: Array) -> _Gains:
    """Return how much more equal the distances (3, N) of the border to the outlines of the frames
    before and after are than those to this frame's."""
    spreads = [_spread(one) for one in distances]
    if min(spreads) == 0:
        return 0.0, 0.0
    return _gain(spreads[1], spreads[0]), _gain(spreads[1], spreads[2])


def _spread(distances: Array) -> float:
    """Return how unequal they are, in square pixels; 0 where there are too few."""
    near = distances[np.abs(distances) <= NEAR]
    if near.size < LEAST:
        return 0.0
    off = np.abs(near - np.median(near))
    return float(np.square(np.minimum(off, _FAR)).mean())


def _gain(here: float, there: float) -> float:
    return max(0.0, 100 * (1 - there / here))


def _agreed(gains: list[_Gains]) -> npt.NDArray[np.float64]:
    """Return, per frame, the better of the two sides, each the median over the frames around."""
    half = _AGREED // 2
    sides = np.array(gains, np.float64).reshape(-1, 2)
    calm = [np.median(sides[max(0, n - half) : n + half + 1], axis=0) for n in range(len(sides))]
    return np.max(calm, axis=1) if calm else np.zeros(0)


class Timing(AlwaysAvailable):
    """How much better, %, a layer fits when it is taken from a neighbouring frame.

    The best of: mask against alpha, counted twice; where there is no alpha, the border of what
    differs between full and removed against the outline of the mask. Over five frames, whose median
    counts. Or how much of its motion a layer is off by, 17 where it is just seen: the mask without
    an alpha, over seven frames (`lateness`), the removed picture away from the object, over five
    (`picture_lag`). Both together of a mask without an alpha: the root of their squares. Fewer than
    eight frames need twice as much. At the small size; nothing for the first and last frame.
    """

    info = PluginInfo("timing", "Timing", "Layers that are one frame off", 5)
    needs = ("object_small", "object_away", "rgb_full_small", "rgb_removed_small")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _TimingMeter:
        """Begin; three small frames are kept."""
        return _TimingMeter()
