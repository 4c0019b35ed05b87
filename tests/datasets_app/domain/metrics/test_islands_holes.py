"""Islands and holes, drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.islands_holes import IslandsHoles
from tests.datasets_app.domain.metrics.clips import disc, over, places, run


@pytest.mark.parametrize(("specks", "pinholes"), [(0, 0), (3, 0), (0, 2), (4, 3)])
def test_small_parts_and_small_gaps_are_counted(specks: int, pinholes: int) -> None:
    alpha = disc(radius=20)
    alpha[:, 80:90] = 255  # a second part, too large for a speck
    for number in range(specks):
        alpha[2, 2 + 4 * number] = 255
    for number in range(pinholes):
        alpha[32, 40 + 4 * number] = 0
    assert run(IslandsHoles(), [{"alpha": alpha}]).frames == (specks + pinholes,)


def test_a_frame_full_of_specks_is_named() -> None:
    clean, speckled = disc(), disc()
    speckled[2, 2:92:6] = 255
    clips = [{"alpha": speckled if n == 4 else clean} for n in range(9)]
    assert places(run(IslandsHoles(), clips).notes) == [(4, 4)]
    assert np.count_nonzero(speckled != clean) == 15


@pytest.mark.parametrize("removed_there", [False, True])
def test_specks_that_were_removed_are_parts_of_the_object(removed_there: bool) -> None:
    clean, speckled = disc(), disc()
    speckled[2:5, 2:92:9] = 255
    grey = np.full((*clean.shape, 3), 90, np.uint8)
    white = np.full_like(grey, 240)
    clips = [
        {
            "alpha": speckled if n == 4 else clean,
            "rgb_full": over(speckled if removed_there and n == 4 else clean, white, grey),
            "rgb_removed": grey,
        }
        for n in range(9)
    ]
    result = run(IslandsHoles(), clips)
    assert result.frames[4] == 10
    assert places(result.notes) == ([] if removed_there else [(4, 4)])


def test_a_hole_in_which_something_was_removed_is_a_pinhole() -> None:
    full, holes = disc(radius=24), disc(radius=24)
    for n in range(8):
        holes[30:32, 30 + 4 * n] = 0
    grey = np.full((*full.shape, 3), 90, np.uint8)
    white = np.full_like(grey, 240)
    clips = [
        {
            "alpha": holes if n == 4 else full,
            "rgb_full": over(full, white, grey),
            "rgb_removed": grey,
        }
        for n in range(9)
    ]
    assert places(run(IslandsHoles(), clips).notes) == [(4, 4)]
