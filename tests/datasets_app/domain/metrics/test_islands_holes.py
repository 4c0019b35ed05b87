"""Islands and holes, drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.islands_holes import IslandsHoles
from tests.datasets_app.domain.metrics.clips import disc, places, run


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
