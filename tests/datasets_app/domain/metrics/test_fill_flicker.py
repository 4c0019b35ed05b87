"""Fill flicker: exactly the levels by which the place of the object became lighter."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.fill_flicker import FillFlicker
from tests.datasets_app.domain.metrics.clips import disc, picture, places, run


def test_it_is_how_much_lighter_the_fill_became_and_was_before_and_after() -> None:
    removed = (picture() // 2) + 40
    alpha = disc()
    lighter = removed.copy()
    lighter[alpha > 0] += 20
    shots = [removed] * 5 + [lighter] + [removed] * 5
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": alpha} for one in shots]
    result = run(FillFlicker(), frames)
    luma = removed[alpha > 0].astype(np.float64) @ (0.299, 0.587, 0.114)
    percent = 100 * float(np.median(np.log((luma + 20 + 16) / (luma + 16))))
    assert result.frames[5] == pytest.approx(percent, abs=1)
    assert all(not result.frames[n] for n in range(11) if n != 5)
    assert places(result.notes) == [(5, 5)]


def test_a_fill_that_becomes_lighter_and_stays_so_does_not_flicker() -> None:
    removed = (picture() // 2) + 40
    lighter = removed.copy()
    lighter[disc() > 0] += 20
    shots = [removed] * 5 + [lighter] * 6
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": disc()} for one in shots]
    assert run(FillFlicker(), frames).notes == ()


def test_light_that_changes_everywhere_is_no_flicker() -> None:
    removed = (picture() // 2) + 40
    shots = [removed + np.uint8(20 * (n % 2)) for n in range(6)]
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": disc()} for one in shots]
    assert run(FillFlicker(), frames).notes == ()
