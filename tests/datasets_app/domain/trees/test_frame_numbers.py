"""Frames keep the numbers that they had in what they were cut from."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.domain.trees.frame_numbers import (
    PLANNED,
    FrameNumbers,
    numbers_of_names,
    planned_numbers,
)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["0012", "0013", "0014"], FrameNumbers(range(12, 15), 4)),
        (["f_010", "f_015", "f_020"], FrameNumbers(range(10, 21, 5), 3)),
        (["3", "7", "8"], FrameNumbers((3, 7, 8), 1)),
        (["8", "9", "10"], FrameNumbers(range(8, 11), 0)),
        (["00000", "00001"], None),
        (["one", "two"], None),
        (["a1", "b1"], None),
        (["0012"], None),
        ([], None),
    ],
)
def test_names_tell_numbers_or_nothing(names: list[str], found: FrameNumbers | None) -> None:
    assert numbers_of_names(names) == found
    if found is not None:
        assert planned_numbers({PLANNED: found.as_json()}, len(names)) == found


@pytest.mark.parametrize(
    ("plan", "stems"),
    [
        ({"start": 30, "step": 3}, ["00030", "00033", "00036"]),
        ({"start": 99_998, "step": 1}, ["099998", "099999", "100000"]),
        ({PLANNED: {"start": 7, "step": 1, "digits": 2}}, ["07", "08", "09"]),
        ({PLANNED: {"numbers": [1, 2, 9], "digits": 0}}, ["00001", "00002", "00009"]),
    ],
)
def test_a_plan_names_pictures_so_that_they_sort_as_text(
    plan: dict[str, Any], stems: list[str]
) -> None:
    numbers = planned_numbers(plan, 3)
    assert numbers is not None
    assert numbers.stems(5) == stems == sorted(stems)


@pytest.mark.parametrize(
    "plan", [{}, {"start": 0, "step": 1}, {"start": 4}, {PLANNED: {"numbers": [1], "digits": 0}}]
)
def test_a_plan_without_numbers_tells_none(plan: dict[str, Any]) -> None:
    assert planned_numbers(plan, 3) is None
