"""One exact rate out of rounded timestamps, or the range of uneven ones."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.media.timing import STANDARD_RATES, measure_rate

TICKS = [Fraction(1, 1000), Fraction(1, 600), Fraction(1, 90000), Fraction(1, 12800)]


def _times(rate: Fraction, tick: Fraction, frames: int, first: int = 0) -> list[int]:
    return [first + round(number / (rate * tick)) for number in range(frames)]


@given(
    st.sampled_from([rate for rate in STANDARD_RATES if rate <= 60]),
    st.sampled_from(TICKS),
    st.integers(2, 400),
    st.integers(-1000, 100_000),
)
def test_a_declared_rate_survives_a_coarse_clock(
    rate: Fraction, tick: Fraction, frames: int, first: int
) -> None:
    found = measure_rate(_times(rate, tick, frames, first), tick, [rate])
    assert found is not None
    assert (found.fps, found.vfr) == (rate, None)


@given(st.sampled_from(STANDARD_RATES), st.integers(300, 400))
def test_an_undeclared_rate_is_found_in_a_fine_clock(rate: Fraction, frames: int) -> None:
    tick = Fraction(1, 90000)
    found = measure_rate(_times(rate, tick, frames), tick, [None])
    assert found is not None
    assert found.vfr is None
    assert abs(found.fps / rate - 1) < Fraction(1, 10000)


@given(st.integers(1, 5000), st.integers(1, 120_000), st.integers(2, 50))
def test_even_steps_of_any_length_are_one_exact_rate(step: int, base: int, frames: int) -> None:
    tick = Fraction(1, base)
    found = measure_rate([number * step for number in range(frames)], tick, [])
    assert found is not None
    assert found.vfr is None
    assert abs(found.fps * step * tick - 1) < Fraction(1, 40)


@given(
    st.lists(st.integers(10, 200), min_size=3, max_size=60).filter(lambda s: max(s) > 2 * min(s))
)
def test_uneven_times_are_named_by_their_slowest_and_fastest_rate(steps: list[int]) -> None:
    times = [sum(steps[:number]) for number in range(len(steps) + 1)]
    found = measure_rate(times, Fraction(1, 1000), [Fraction(30)])
    assert found is not None
    assert found.vfr == (Fraction(1000, max(steps)), Fraction(1000, min(steps)))
    assert found.vfr[0] <= found.fps * Fraction(102, 100)
    assert found.fps <= found.vfr[1] * Fraction(102, 100)


def test_a_declared_rate_that_does_not_fit_is_not_believed() -> None:
    tick = Fraction(1, 30000)
    found = measure_rate(_times(Fraction(30000, 1001), tick, 100), tick, [Fraction(25)])
    assert found is not None
    assert found.fps == Fraction(30000, 1001)


def test_times_that_do_not_advance_have_no_rate() -> None:
    assert measure_rate([5, 5, 5], Fraction(1, 1000), [Fraction(25)]) is None
    assert measure_rate([5], Fraction(1, 1000), []) is None
    one = measure_rate([5], Fraction(1, 1000), [None, Fraction(25)])
    assert one is not None
    assert one.fps == 25
