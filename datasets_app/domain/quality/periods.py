"""Whether the peaks of a track come at equal distances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.outbursts import Track

SHORTEST: Final = 4
"""Shorter periods are those of footage itself: pull-down, animation on twos."""

_LONGEST: Final = 128
_LEAST_PEAKS: Final = 3
# Of the places where a peak is due, and of the peaks that there are, the share that must agree.
_KEPT: Final = 0.8
# Peaks that come back alike differ by no more than so many times.
_ALIKE: Final = 2.5
_OWN: Final = 0.75


@dataclass(frozen=True, slots=True)
class Period:
    """``length`` in frames, and the frames of the ``peaks`` that keep to it."""

    length: int
    peaks: tuple[int, ...]


def find_period(track: Track, level: float) -> Period | None:
    """Return the period of the track's peaks above ``level``, None when fewer than three keep to
    one.

    A place where a peak is due may be one frame off; four of five must be taken, and three of four
    of all peaks must lie on such places.
    """
    peaks = _peaks(track, level)
    if len(peaks) < _LEAST_PEAKS:
        return None
    best: Period | None = None
    for length in range(SHORTEST, min(_LONGEST, len(track) // 2) + 1):
        for start in peaks[: len(peaks) - _LEAST_PEAKS + 1]:
            kept = _kept(peaks, start, length, len(track))
            if kept and (best is None or len(kept) > len(best.peaks)):
                best = Period(length, kept)
    return best


def recurring(track: Track, level: float) -> frozenset[int]:
    """Return the frames in which a signed track comes back alike: at the places of one period, of
    which all or four of five are taken, three times and more, to the same side, at least as far as
    ``level`` and by amounts that are like each other, while next to nothing else goes as far.

    Chance seldom does that, so that ``level`` may lie where single frames come by chance.
    """
    heights = np.array([value or 0 for value in track], np.float64)
    every = (
        _alike(sign * heights, due, level)
        for sign in (1.0, -1.0)
        for due in _periods(sign * heights, level)
    )
    return max(every, key=len, default=frozenset())


def _periods(side: npt.NDArray[np.float64], level: float) -> Iterator[range]:
    """Yield the places of each period that two frames above the level begin."""
    tops = [int(frame) for frame in np.flatnonzero(side >= level)]
    for start, second in combinations([one for one in tops if one <= 2 * _LONGEST], 2):
        length = second - start
        if SHORTEST <= length <= _LONGEST and start <= length:
            yield range(start, len(side) - 1, length)


def _alike(side: npt.NDArray[np.float64], due: range, level: float) -> frozenset[int]:
    kept = [place for place in due if side[place] >= level]
    if len(kept) < max(_LEAST_PEAKS, _KEPT * len(due)):
        return frozenset()
    least, most = float(side[kept].min()), float(side[kept].max())
    others = np.count_nonzero(side >= least) - len(kept)
    fits = most <= _ALIKE * least and others <= len(kept) // _LEAST_PEAKS
    return frozenset(kept) if fits else frozenset()


def _kept(peaks: list[int], start: int, length: int, frames: int) -> tuple[int, ...]:
    due = range(start % length, frames, length)
    # The first frame has nothing before it that it could have changed from.
    places = [place for place in due if place > 1]
    kept = [peak for place in places for peak in peaks if abs(peak - place) <= 1]
    if len(kept) < max(_LEAST_PEAKS, _KEPT * len(places)) or len(kept) < _OWN * len(peaks):
        return ()
    return tuple(sorted(set(kept)))


def _peaks(track: Track, level: float) -> list[int]:
    """Return the frames that stand out and are not surpassed by a neighbour."""
    heights: npt.NDArray[np.float64] = np.array([value or 0 for value in track], np.float64)
    padded = np.pad(heights, 1)
    tops = (heights >= padded[:-2]) & (heights > padded[2:]) & (heights > level)
    return [int(frame) for frame in np.flatnonzero(tops)]
