"""From stored timestamps to one exact rate, or to the range of rates when they are uneven."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

_NTSC: Final = Fraction(1000, 1001)
STANDARD_RATES: Final = tuple(
    Fraction(rate) * factor
    for rate in (24, 25, 30, 48, 50, 60, 120, 240, 15, 16, 12, 10, 8, 20)
    for factor in (Fraction(1), _NTSC)
)
# Uneven by less is how cameras and muxers round, and no picture is missing or repeated.
_EVEN_WITHIN: Final = Fraction(1, 50)


@dataclass(frozen=True, slots=True)
class Rate:
    """``fps`` exact or, for uneven times, nominal; ``vfr``: slowest and fastest momentary rate."""

    fps: Fraction
    vfr: tuple[Fraction, Fraction] | None


def measure_rate(
    times: Sequence[int], time_base: Fraction, declared: Iterable[Fraction | None]
) -> Rate | None:
    """Return the rate of frames shown at ``times`` (ticks of ``time_base`` seconds, ascending).

    A rate fits when every frame lies within one tick of where it says, else within 2 % of a frame.
    The ``declared`` ones are tried first, in order: a coarse clock (1 ms in Matroska) fits several.
    None for fewer than two frames without a declared rate, and for times that do not advance.
    """
    trusted = [rate for rate in declared if rate]
    if len(times) < 2:
        return Rate(trusted[0], None) if trusted else None
    span = (times[-1] - times[0]) * time_base
    if span <= 0:
        return None
    mean = (len(times) - 1) / span
    common = [rate for rate in STANDARD_RATES if abs(rate / mean - 1) < Fraction(1, 100)]
    common.sort(key=lambda rate: abs(rate - mean))
    for share in (Fraction(0), _EVEN_WITHIN):
        for rate in (*trusted, *common, mean):
            if _fits(times, time_base, rate, share):
                return Rate(rate, None)
    nominal = common[0] if common else mean.limit_denominator(1000)
    return Rate(nominal, _momentary_range(times, time_base))


def _fits(times: Sequence[int], time_base: Fraction, rate: Fraction, share: Fraction) -> bool:
    """Whether frames are no further than one tick, or ``share`` of a frame, from their place."""
    step = 1 / (rate * time_base)
    # In integers, since a clip may have 200 000 frames: |t q - i p| <= slack q, with step = p / q.
    p, q = step.numerator, step.denominator
    slack = max(q, int(p * share))
    first = times[0]
    return all(abs((time - first) * q - i * p) <= slack for i, time in enumerate(times))


def _momentary_range(times: Sequence[int], time_base: Fraction) -> tuple[Fraction, Fraction]:
    steps = [after - before for before, after in pairwise(times)]
    longest, shortest = max(steps), min(step for step in steps if step > 0)
    return 1 / (longest * time_base), 1 / (shortest * time_base)
