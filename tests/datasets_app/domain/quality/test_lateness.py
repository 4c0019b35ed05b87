"""Lateness: a mask of another frame is off by what the outline moves by, one that fits is not."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.derived import signed_distance
from datasets_app.domain.quality.lateness import Sums, explained, late_or_early, lateness
from datasets_app.domain.quality.margins import border_of_removed
from tests.datasets_app.domain.metrics.clips import disc


def course(late: int, step: float = 1.5, frames: int = 16, shadow: bool = False) -> list[Sums]:
    """Return a disc that goes right, its masks ``late`` frames late, all through; with a ``shadow``
    something differs on its right side, too."""
    told = []
    for number in range(1, frames - 1):
        grey = np.full((64, 96, 3), 90, np.uint8)
        full = grey.copy()
        full[disc(x=30 + step * number, radius=14) > 0] = 200
        if shadow:
            full[disc(x=34 + step * number, radius=14) > 0] = 50
        masks = [
            signed_distance(disc(x=30 + step * (number + near - late), radius=16))
            for near in (-1, 0, 1)
        ]
        told.append(lateness(border_of_removed(full, grey), *masks))
    return told


@pytest.mark.parametrize("late", [-1, 1])
def test_a_mask_of_another_frame_is_off_by_all_of_its_motion(late: int) -> None:
    frames = course(late)
    pixels, off, moves = np.moveaxis(np.stack(frames), 2, 0)
    off, moves = off / np.maximum(pixels, 1), moves / np.maximum(pixels, 1)
    # Late masks fit better a frame later, so that the sign tells which way.
    shared, motion = (pixels * off * moves).sum(), (pixels * moves * moves).sum()
    assert -shared / motion == pytest.approx(-late, abs=0.25)
    assert (late_or_early(frames)[3:-3] > 1).all()
    assert (late_or_early(frames)[[0, -1]] == 0).all()


def test_a_mask_that_fits_and_one_that_rests_are_neither() -> None:
    assert (late_or_early(course(0)) < 0.6).all()
    assert (late_or_early(course(1, step=0)) < 0.6).all()
    assert late_or_early([]).size == 0


def test_a_shadow_on_the_side_that_the_object_goes_to_makes_no_mask_late() -> None:
    assert (late_or_early(course(0, shadow=True)) < 0.9).all()


def test_what_none_of_three_outlines_explains_is_left_out() -> None:
    distances = np.array([[1.0, 1, 9], [2, 2, 9], [3, 8, 9]])
    assert explained(distances, 2.0).tolist() == [True, True, False]
    assert explained(distances, 9.0).tolist() == [False, True, True]
