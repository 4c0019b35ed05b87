"""Stretches in which a level is another one: found to the frame, none where single frames jump."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.steps import filled, find_stretches, steadied


def track(stretch: range, height: float, frames: int = 60, noise: float = 1.0) -> list[float]:
    values = np.random.default_rng(3).normal(0, noise, frames)
    values[stretch.start : stretch.stop] += height
    return [float(value) for value in values]


@pytest.mark.parametrize("height", [20.0, -20.0])
@pytest.mark.parametrize("stretch", [range(10, 30), range(2, 8), range(40, 57)])
def test_a_stretch_is_found_where_it_is(stretch: range, height: float) -> None:
    (found,) = find_stretches(track(stretch, height), 10)
    assert (found.first, found.last) == (stretch[0], stretch[-1])
    assert found.height == pytest.approx(height, abs=3)


def test_several_stretches_are_found_in_their_order() -> None:
    values = np.array(track(range(10, 18), 20)) + track(range(30, 40), 20, noise=0)
    assert [(one.first, one.last) for one in find_stretches(values.tolist(), 10)] == [
        (10, 17),
        (30, 39),
    ]


def test_single_frames_steps_that_stay_and_ramps_are_no_stretches() -> None:
    assert find_stretches(track(range(20, 21), 50), 10) == []
    assert find_stretches(track(range(30, 60), 20), 10) == []
    assert find_stretches(list(np.linspace(0, 100, 60)), 10) == []


def test_a_running_median_takes_as_many_frames_at_the_ends_as_elsewhere() -> None:
    rises = [2.0] * 9 + [20.0] * 3
    assert steadied(rises, 7) == [2.0] * 12
    assert steadied(rises[::-1], 7) == [2.0] * 12
    assert steadied([2.0, 8.0], 7) == [5.0, 5.0]


def test_gaps_are_filled_on_a_line_and_stay_unknown_in_a_running_median() -> None:
    assert filled([None, 2.0, None, 4.0, None]).tolist() == [2, 2, 3, 4, 4]
    assert steadied([1.0, None, 9.0, 1.0, 1.0], 3) == [5.0, None, 5.0, 1.0, 1.0]
    assert steadied([1.0, None, None, 1.0, 1.0], 3) == [None, None, None, 1.0, 1.0]
    assert steadied([1.0, None, 9.0, 1.0, 1.0], 3, known=0.7) == [None, None, None, 1.0, 1.0]
    assert find_stretches([None] * 20, 1) == []
