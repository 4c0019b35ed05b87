"""The rate that people are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matteweb.jobs.pace import Pace, seconds_left

STEPS = st.lists(st.tuples(st.floats(0.001, 60), st.integers(0, 1000)), min_size=1, max_size=50)


def test_a_steady_pace_is_told_as_it_is() -> None:
    pace = Pace()
    for second in range(30):
        pace.report(second, 4 * second)
    assert pace.rate == pytest.approx(4)


def test_what_an_earlier_attempt_did_is_no_speed() -> None:
    pace = Pace()
    assert pace.report(0.0, 300) is None
    assert pace.report(1.0, 302) == pytest.approx(2)


def test_a_count_that_starts_again_forgets_the_rate() -> None:
    pace = Pace()
    pace.report(0.0, 0)
    pace.report(1.0, 10)
    assert pace.report(2.0, 0) is None


def test_a_change_of_pace_is_followed_over_ten_seconds_without_a_jump() -> None:
    pace = Pace()
    for second in range(11):
        pace.report(second, 10 * second)
    first = pace.report(11, 101)
    assert first is not None
    assert first > 8
    for second in range(12, 60):
        pace.report(second, 90 + second)
    assert pace.rate == pytest.approx(1, abs=0.15)


@given(STEPS)
def test_the_rate_stays_between_the_slowest_and_the_fastest_that_was_measured(
    steps: list[tuple[float, int]],
) -> None:
    pace, now, done, measured = Pace(), 0.0, 0, []
    pace.report(now, done)
    quiet = 0.0
    for elapsed, units in steps:
        now, done, quiet = now + elapsed, done + units, quiet + elapsed
        rate = pace.report(now, done)
        if units:
            measured.append(units / quiet)
            quiet = 0.0
        if rate is not None:
            assert min(measured) * 0.999 <= rate <= max(measured) * 1.001


def test_the_time_left_is_unknown_without_a_total_or_a_rate() -> None:
    assert seconds_left(3, None, 2.0) is None
    assert seconds_left(3, 10, None) is None
    assert seconds_left(3, 10, 2.0) == 3.5
    assert seconds_left(12, 10, 2.0) == 0
