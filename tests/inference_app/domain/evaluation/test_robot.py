from __future__ import annotations

import numpy as np
import pytest

from inference_app.domain.evaluation.robot import bezier, longest, medial_axis, strokes


def _bar() -> np.ndarray:
    truth = np.zeros((60, 90), np.uint8)
    truth[20:40, 10:80] = 1
    return truth


def test_the_first_stroke_runs_through_the_middle_of_the_object() -> None:
    truth = _bar()
    drawn = strokes(truth, np.zeros_like(truth), 1, np.random.default_rng(0))
    assert [stroke.label for stroke in drawn] == [1]
    points = drawn[0].points * [90, 60]
    assert np.abs(points[300:700, 1] - 29.5).max() <= 1.5
    assert points[:, 0].max() - points[:, 0].min() > 50


def test_what_is_wrongly_taken_is_stroked_with_the_label_that_should_be_there() -> None:
    truth, found = _bar(), np.zeros((60, 90), np.uint8)
    found[20:40, 10:80] = 1
    found[45:58, 30:70] = 1
    drawn = strokes(truth, found, 1, np.random.default_rng(0))
    assert [stroke.label for stroke in drawn] == [0]
    assert (drawn[0].points[:, 1] * 60 > 44).all()


def test_a_right_mask_is_not_drawn_on() -> None:
    assert strokes(_bar(), _bar(), 1, np.random.default_rng(0)) == []
    assert longest([]) is None


def test_the_same_seed_draws_the_same_strokes() -> None:
    rng = np.random.default_rng(3)
    truth = (rng.random((50, 50)) > 0.5).astype(np.uint8)
    truth[10:30, 10:40] = 1
    one, two = (strokes(truth, np.zeros_like(truth), 1, np.random.default_rng(7)) for _ in range(2))
    assert len(one) == len(two) > 0
    assert all(np.array_equal(a.points, b.points) for a, b in zip(one, two, strict=True))


def test_thin_errors_beside_a_large_one_are_not_stroked() -> None:
    truth = _bar()
    truth[5, 5:60] = 1  # one pixel high: the opening removes it
    drawn = strokes(truth, np.zeros_like(truth), 1, np.random.default_rng(0))
    assert len(drawn) == 1


def test_a_ring_keeps_its_skeleton_whole_and_its_path_open() -> None:
    rows, columns = np.mgrid[:61, :61] - 30
    away = np.hypot(rows, columns)
    ring = ((away > 15) & (away < 25)).astype(np.uint8)
    skeleton = medial_axis(ring, np.random.default_rng(0))
    assert skeleton.any() and (np.abs(away[skeleton] - 20) < 3).all()
    drawn = strokes(ring, np.zeros_like(ring), 1, np.random.default_rng(0))
    assert len(drawn) == 1 and drawn[0].length == pytest.approx(2 * np.pi * 20, rel=0.15)


def test_the_curve_begins_and_ends_at_its_controls_and_is_pulled_by_the_others() -> None:
    curve = bezier(np.array([[0.0, 0], [1, 2], [2, 0]]))
    assert curve.shape == (1000, 2)
    assert curve[0] == pytest.approx([0, 0])
    assert curve[-1] == pytest.approx([2, 0])
    # The quadratic curve reaches half of its control point.
    assert curve[:, 1].max() == pytest.approx(1, abs=1e-3)
