"""Outline pulse: the px by which a whole outline jumps, and nothing for what merely moves."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.pulse import Pulse
from tests.datasets_app.domain.metrics.clips import disc, places, run


@pytest.mark.parametrize("radius", [16, 17, 12])
def test_it_is_by_how_many_px_a_disc_grew_or_shrank_for_a_frame(radius: int) -> None:
    frames = [{"alpha": disc(radius=radius if n == 5 else 14)} for n in range(11)]
    result = run(Pulse(), frames)
    grown, steady = (float((one["alpha"] > 0).sum()) for one in (frames[5], frames[4]))
    # By the area of discs; the outline itself lies between the two.
    expected = abs(np.sqrt(grown / np.pi) - np.sqrt(steady / np.pi))
    assert result.frames[5] == pytest.approx(expected, rel=0.25)
    assert places(result.notes) == [(5, 5)]


def test_motion_and_steady_growth_are_no_pulse() -> None:
    moving = [{"alpha": disc(x=24 + 4 * n)} for n in range(12)]
    growing = [{"alpha": disc(radius=10 + n)} for n in range(12)]
    for frames in (moving, growing):
        result = run(Pulse(), frames)
        assert result.notes == ()
        assert max(value or 0 for value in result.frames) < 0.2


def test_a_part_that_comes_and_goes_is_no_pulse_of_the_outline() -> None:
    limb = disc().copy()
    limb[30:34, 60:80] = 255
    frames = [{"alpha": limb if n == 5 else disc()} for n in range(11)]
    assert run(Pulse(), frames).notes == ()


def test_an_outline_that_hardly_jumps_is_named_where_it_does_so_again_and_again() -> None:
    away = np.hypot(*np.mgrid[-32:32, -48:48])
    grey = np.full((64, 96, 3), 90, np.uint8)
    full = grey.copy()
    full[away <= 20] = 200

    def named(jumps: tuple[int, ...]) -> list[tuple[int, int]]:
        alphas = [np.where(away <= (24.5 if n in jumps else 24), 255, 0) for n in range(24)]
        pair = {"rgb_full": full, "rgb_removed": grey}
        frames = [{**pair, "alpha": alpha.astype(np.uint8)} for alpha in alphas]
        return places(run(Pulse(), frames).notes)

    assert named((11,)) == []
    assert named((3, 11, 19)) == [(3, 3), (11, 11), (19, 19)]


def test_where_the_margin_once_says_nothing_the_outline_tells_of_what_comes_back() -> None:
    rows, columns = np.mgrid[-32:32, -48:48]
    away = np.hypot(rows, columns)
    jumps = (3, 11, 19)

    def named(*, unclear: range, together: bool = False) -> list[tuple[int, int]]:
        frames = []
        for number in range(24):
            grown = 2 if number in jumps else 0
            removed = np.full((64, 96, 3), 90, np.uint8)
            full = removed.copy()
            reach = np.hypot(rows, columns / 1.6) if number in unclear else away
            full[reach <= 20 + (grown if together else 0)] = 200
            alpha = np.where(away <= 24 + grown, 255, 0).astype(np.uint8)
            frames.append({"rgb_full": full, "rgb_removed": removed, "alpha": alpha})
        return places(run(Pulse(), frames).notes)

    assert named(unclear=range(0)) == [(3, 3), (11, 11), (19, 19)]
    assert named(unclear=range(10, 13)) == [(3, 3), (11, 11), (19, 19)]
    # An object that grows itself, time and again, has no outline that jumps.
    assert named(unclear=range(0), together=True) == []


def test_ends_and_frames_without_an_object_say_nothing() -> None:
    empty = np.zeros((64, 96), np.uint8)
    assert run(Pulse(), [{"alpha": empty}] * 4).frames == (None,) * 4
    assert run(Pulse(), [{"alpha": disc()}]).frames == (None,)
    frames = run(Pulse(), [{"alpha": disc()}] * 4).frames
    assert (frames[0], frames[-1]) == (None, None)
