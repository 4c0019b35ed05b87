"""A removed picture of another frame is off by its motion; noise and shadows are not."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.picture_lag import Sums, lagging, picture_lag
from tests.datasets_app.domain.metrics.clips import SIZE, picture


def course(late: int, *, step: int = 1, shadow: float = 1.0, noise: float = 0) -> list[Sums]:
    """Return a scene that goes left by ``step`` px, its removed pictures ``late`` frames late."""
    rng = np.random.default_rng(5)
    away = np.ones((SIZE.height, SIZE.width), np.bool_)

    def grainy(number: int) -> np.ndarray:
        seen = np.roll(picture(5), -step * number, 1) // 2 + 60
        return np.rint(seen + rng.normal(0, noise, seen.shape)).astype(np.uint8)

    removed = [grainy(number - late) for number in range(12)]
    told = []
    for number in range(1, 11):
        full = grainy(number)
        full[20:50, 30:60] = np.rint(full[20:50, 30:60] * shadow)
        told.append(picture_lag(full, removed[number - 1 : number + 2], away))
    return told


@pytest.mark.parametrize("late", [-1, 1])
@pytest.mark.parametrize("shadow", [1.0, 0.5])
def test_a_picture_of_another_frame_is_off_by_all_of_its_motion(late: int, shadow: float) -> None:
    frames = course(late, shadow=shadow, noise=1.5)
    shared, motion, *_ = np.sum(frames, axis=0)
    # Off by what the scene goes on by from the frame that was taken to this one.
    assert shared / motion == pytest.approx(late, abs=0.3)
    assert (lagging(frames) > 1).all()


@pytest.mark.parametrize("shadow", [1.0, 0.5])
@pytest.mark.parametrize("step", [0, 1])
def test_noise_and_a_true_shadow_are_not_taken_for_time(step: int, shadow: float) -> None:
    assert (lagging(course(0, step=step, shadow=shadow, noise=2)) < 0.6).all()


def test_what_rests_cannot_be_late() -> None:
    assert (lagging(course(1, step=0)) == 0).all()
    assert lagging([]).size == 0
