from __future__ import annotations

import pytest

from inference_app.domain.evaluation.curve import Round, curve_of


def test_the_curve_begins_at_nothing_and_its_area_is_worked_out_by_hand() -> None:
    curve = curve_of([[Round(10, 0.5), Round(20, 0.8)]], rounds=2, seconds=100)
    assert list(curve.times) == [0, 10, 30, 100]
    assert list(curve.values) == [0, 0.5, 0.8, 0.8]
    # 10 * 0.25 + 20 * 0.65 + 70 * 0.8 = 71.5
    assert curve.auc == pytest.approx(0.715)
    assert curve.at_sixty == pytest.approx(0.8)


def test_the_score_at_sixty_seconds_lies_on_the_line_between_two_rounds() -> None:
    curve = curve_of([[Round(50, 0.4), Round(20, 0.8)]], rounds=2, seconds=60)
    assert curve.at_sixty == pytest.approx(0.6)
    assert curve.times[-1] == 70  # a curve longer than the time allowed is not cut


def test_a_sample_that_ended_early_repeats_its_last_score_at_no_cost() -> None:
    curve = curve_of([[Round(10, 0.6)], [Round(10, 0.4), Round(10, 1.0)]], rounds=2, seconds=20)
    assert list(curve.times) == [0, 10, 15, 20]
    assert curve.values == pytest.approx((0, 0.5, 0.8, 0.8))


def test_a_sample_without_any_answer_counts_nothing() -> None:
    assert curve_of([[]], rounds=2, seconds=10).auc == 0


def test_no_sample_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample"):
        curve_of([], rounds=1, seconds=1)
