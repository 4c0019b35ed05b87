"""Values that change smoothly over a clip, through a few points that chance has chosen.

Monotone cubic interpolation (F. Fritsch and R. Carlson, SIAM J. Numer. Anal. 17, 1980): smooth,
never beyond the points on either side, and at rest between two equal ones. A polynomial through
the same points overshoots, so that an object that was to stay in the frame leaves it.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

FRAMES_PER_POINT = 40
"""The points of a moving scene lie this many frames apart (a clip of 160 has five of them)."""


class SmoothPath(BaseModel):
    """``points`` spaced evenly from the first frame to the last; one point stands still."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[tuple[float, ...], Field(min_length=1)]

    @classmethod
    def still(cls, value: float) -> SmoothPath:
        """Return the path that does not move."""
        return cls(points=(round(value, 6),))

    @property
    def moves(self) -> bool:
        """Whether any two points differ."""
        return len(set(self.points)) > 1

    def at(self, frame: int, frames: int) -> float:
        """Return the value in ``frame`` of 0..``frames`` - 1."""
        last = len(self.points) - 1
        if last == 0 or frames <= 1:
            return self.points[0]
        place = min(max(frame / (frames - 1), 0.0), 1.0) * last
        first = min(int(place), last - 1)
        return self._between(first, place - first)

    def all(self, frames: int) -> list[float]:
        """Return the value of every frame."""
        return [self.at(frame, frames) for frame in range(frames)]

    def _between(self, first: int, share: float) -> float:
        low, high = self.points[first], self.points[first + 1]
        square, cube = share * share, share * share * share
        return (
            (2 * cube - 3 * square + 1) * low
            + (cube - 2 * square + share) * self._slope(first)
            + (3 * square - 2 * cube) * high
            + (cube - square) * self._slope(first + 1)
        )

    def _slope(self, number: int) -> float:
        """Return the change per point at ``number``: the harmonic mean of both sides, 0 at a
        turn, at rest, and at the ends."""
        if number in {0, len(self.points) - 1}:
            return 0.0
        before = self.points[number] - self.points[number - 1]
        behind = self.points[number + 1] - self.points[number]
        if before * behind <= 0:
            return 0.0
        return 2 * before * behind / (before + behind)


def points_for(frames: int) -> int:
    """Return how many points a path over ``frames`` has: at least two, or one for one frame."""
    return 1 if frames <= 1 else max(2, round(frames / FRAMES_PER_POINT) + 1)


def drawn_path(
    start: float,
    *,
    points: int,
    step: float,
    low: float,
    high: float,
    rng: np.random.Generator,
    at_rest: frozenset[int] = frozenset(),
) -> SmoothPath:
    """Draw a path within ``low``..``high`` whose points differ by at most ``step`` either way.

    A point whose number is in ``at_rest`` repeats the one before it; its draw is made all the same.
    """
    values = [min(max(start, low), high)]
    for number in range(1, points):
        change = float(rng.uniform(-step, step))
        change = 0.0 if number in at_rest else change
        values.append(min(max(values[-1] + change, low), high))
    return SmoothPath(points=tuple(round(value, 6) for value in values))


def rests(points: int, rng: np.random.Generator) -> frozenset[int]:
    """Draw where everything of an object rests: it stops with 10 %, and stays with 35 %.

    The chances are those of the BL30K scene files.
    """
    found, resting = [], False
    for number in range(1, points):
        resting = bool(rng.random() < (0.35 if resting else 0.10))
        if resting:
            found.append(number)
    return frozenset(found)
