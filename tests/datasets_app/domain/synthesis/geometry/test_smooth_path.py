"""Smooth paths: never beyond their points, at rest between equal ones, bounded both ways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from datasets_app.domain.synthesis.geometry.smooth_path import (
    SmoothPath,
    drawn_path,
    points_for,
    rests,
)
from datasets_app.domain.synthesis.seeds import generator


def polynomial(points: list[float], frames: int) -> np.ndarray:
    """The polynomial through all points."""
    at = np.linspace(0, 1, len(points))
    fitted = np.polynomial.Polynomial.fit(at, points, len(points) - 1)
    return np.asarray(fitted(np.linspace(0, 1, frames)))


def test_a_path_goes_through_its_points_and_never_beyond_them() -> None:
    points = [0.1, 0.9, 0.9, 0.1, 0.9]

    def stays_between(path: Sequence[float]) -> None:
        assert [path[number] for number in (0, 40, 80, 120, 160)] == pytest.approx(points)
        assert min(path) >= 0.1 - 1e-9
        assert max(path) <= 0.9 + 1e-9

    stays_between(SmoothPath(points=tuple(points)).all(161))
    with pytest.raises(AssertionError):
        stays_between(list(polynomial(points, 161)))


def test_an_object_that_rests_does_not_move() -> None:
    points = [0.1, 0.5, 0.5, 0.9]
    ours = SmoothPath(points=tuple(points)).all(121)
    assert np.ptp(ours[40:81]) < 1e-9
    assert np.ptp(polynomial(points, 121)[40:81]) > 0


def test_it_has_no_jump_in_speed() -> None:
    speeds = np.diff(SmoothPath(points=(0.0, 0.8, 0.3, 0.4, 1.0)).all(401))
    assert np.abs(np.diff(speeds)).max() < 0.001


def test_a_path_of_one_point_stands_still_and_a_clip_of_one_frame_has_one() -> None:
    assert SmoothPath.still(0.3).all(5) == [0.3] * 5
    assert points_for(1) == 1
    assert points_for(160) == 5
    assert SmoothPath(points=(0.0, 1.0)).all(1) == [0.0]


def one_sided_path(seed: int) -> SmoothPath:
    """Steps of a limit that only holds upwards, as in the scene files of BL30K."""
    rng, values = generator(seed), [0.5]
    for _ in range(8):
        values.append(min(max(values[-1] + min(float(rng.normal(0, 0.3)), 0.1), 0), 1))
    return SmoothPath(points=tuple(values))


def no_step_is_larger(paths: Sequence[SmoothPath]) -> None:
    steps = np.concatenate([np.diff(path.points) for path in paths])
    assert steps.min() < -0.05
    assert steps.max() > 0.05
    assert np.abs(steps).max() <= 0.1 + 1e-6


def test_no_step_is_larger_than_the_limit_in_either_direction() -> None:
    no_step_is_larger(
        [
            drawn_path(0.5, points=9, step=0.1, low=0, high=1, rng=generator(seed))
            for seed in range(40)
        ]
    )
    with pytest.raises(AssertionError):
        no_step_is_larger([one_sided_path(seed) for seed in range(40)])


def test_objects_stop_as_often_as_the_scene_files_say_and_all_their_paths_together() -> None:
    entered = [1 in rests(5, generator(seed)) for seed in range(2000)]
    assert np.mean(entered) == pytest.approx(0.10, abs=0.02)
    still = frozenset({2})
    rng = generator(1)
    for _ in range(3):
        path = drawn_path(0.5, points=5, step=0.2, low=0, high=1, rng=rng, at_rest=still)
        assert path.points[2] == path.points[1]
