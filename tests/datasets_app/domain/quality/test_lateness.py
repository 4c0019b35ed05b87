"""Lateness: a mask of another frame is off by what the outline moves by, one that fits is not."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.derived import signed_distance
from datasets_app.domain.quality.lateness import Sums, late_or_early, lateness
from datasets_app.domain.quality.margins import border_of_removed
from tests.datasets_app.domain.metrics.clips import disc


def course(late: int, step: float = 1.5, frames: int = 16) -> list[Sums]:
    """Return a disc that goes right, its masks ``late`` frames late, all through."""
    told = []
    for number in range(1, frames - 1):
        grey = np.full((64, 96, 3), 90, np.uint8)
        full = grey.copy()
        full[disc(x=30 + step * number, radius=14) > 0] = 200
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
