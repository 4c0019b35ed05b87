"""How fast a job goes, smoothed, from the counts that it reports."""

from __future__ import annotations

import math

SMOOTHED_OVER_SECONDS = 10.0


class Pace:
    """An exponential mean of the rate with a time constant of ten seconds.

    The first count is only a start: after a resume it holds work of an earlier life.
    """

    def __init__(self) -> None:
        self._at: float | None = None
        self._done = 0
        self.rate: float | None = None

    def report(self, now: float, done: int) -> float | None:
        """Take a count at ``now`` (monotonic seconds); return units per second, None if unknown.

        A count that goes down starts the measurement again.
        """
        if self._at is None or done < self._done:
            self._at, self._done, self.rate = now, done, None
            return None
        elapsed = now - self._at
        if elapsed <= 0 or done == self._done:
            return self.rate
        measured = (done - self._done) / elapsed
        before = measured if self.rate is None else self.rate
        self.rate = before + (measured - before) * -math.expm1(-elapsed / SMOOTHED_OVER_SECONDS)
        self._at, self._done = now, done
        return self.rate


def seconds_left(done: int, total: int | None, rate: float | None) -> float | None:
    """Return the time that the rest takes at ``rate``; None while that cannot be said."""
    if total is None or not rate:
        return None
    return max(0, total - done) / rate
