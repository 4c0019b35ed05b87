"""Stretches of a clip in which a level is another one: it jumps, stays, and jumps back.

A change-point test with medians, which single frames do not move: the jump at a frame is the
median of the frames from there on minus that of the frames before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.outbursts import Track

Values = npt.NDArray[np.float64]

# Frames on either side of a jump whose medians are held against each other.
_BESIDE: Final = 4
# Frames outside of a stretch that its level is held against, on either side.
_AROUND: Final = 8
SHORTEST: Final = 4
"""Frames that a stretch has at least."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``first`` to ``last`` in which a track lies ``height`` above, or below 0 under, the
    frames around them: the smallest of both jumps and of the difference of the medians."""

    first: int
    last: int
    height: float


def find_stretches(track: Track, level: float) -> list[Stretch]:
    """Return the stretches at least ``level`` high, or deep, in their order; gaps are filled."""
    values = filled(track)
    if len(values) < SHORTEST + 4:
        return []
    jumps = _jumps(values)
    found: dict[int, Stretch] = {}
    for sign in (1.0, -1.0):
        starts, ends = _tops(sign, values, jumps, level), _tops(-sign, values, jumps, level)
        for start, up in starts.items():
            end = next((one for one in ends if one >= start + SHORTEST), None)
            if end is None:
                continue
            height = min(up, ends[end], sign * _over(values, start, end))
            if height >= level:
                found[end] = Stretch(start, end - 1, sign * height)
    apart: list[Stretch] = []
    for one in sorted(found.values(), key=lambda one: one.first):
        # What lies between two stretches is none itself.
        if not apart or one.first > apart[-1].last + 1:
            apart.append(one)
    return apart


def filled(track: Track) -> Values:
    """Return the track as float64, gaps filled on a line; empty when nothing is known."""
    values = np.array([np.nan if one is None else one for one in track], np.float64)
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return np.zeros(0)
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))


def steadied(track: Track, frames: int, *, known: float = 0.5) -> list[float | None]:
    """Return the running median over ``frames`` frames, as many at the ends as elsewhere; None
    where the track says nothing, or something in no more than a share ``known`` of those frames."""
    steady = list[float | None]()
    for at, one in enumerate(track):
        first = max(0, min(at - frames // 2, len(track) - frames))
        near = track[first : first + frames]
        values = [value for value in near if value is not None]
        told = one is not None and len(values) > known * len(near)
        steady.append(float(np.median(values)) if told else None)
    return steady


def _jumps(values: Values) -> Values:
    """Return the jump at each frame, 0 at the ends, where too few frames would tell."""
    jumps = np.zeros(len(values))
    for at in range(2, len(values) - 1):
        after, before = values[at : at + _BESIDE], values[max(0, at - _BESIDE) : at]
        jumps[at] = np.median(after) - np.median(before)
    return jumps


def _tops(sign: float, values: Values, jumps: Values, level: float) -> dict[int, float]:
    """Return the frames at which a jump of this sign reaches the level, and how high it is.

    Of frames side by side that reach it, the one at which the track itself goes furthest.
    """
    high = np.flatnonzero(sign * jumps >= level)
    tops = {}
    for run in np.split(high, np.flatnonzero(np.diff(high) > 1) + 1):
        if run.size:
            at = run[int(np.argmax(sign * (values[run] - values[run - 1])))]
            tops[int(at)] = float((sign * jumps[run]).max())
    return tops


def _over(values: Values, start: int, end: int) -> float:
    outside = np.concatenate([values[max(0, start - _AROUND) : start], values[end : end + _AROUND]])
    return float(np.median(values[start:end]) - np.median(outside))
