"""Periodic peaks: the period that was planted, and none where peaks come as they like."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.metrics.periodic import Periodic
from datasets_app.domain.quality.periods import find_period, recurring
from tests.datasets_app.domain.metrics.clips import disc, picture, run


@pytest.mark.parametrize(("period", "start"), [(8, 3), (16, 9)])
def test_a_matte_that_jumps_every_so_many_frames_is_named_with_its_period(
    period: int, start: int
) -> None:
    alpha = disc()
    grown = cv2.dilate(alpha, np.ones((5, 5), np.uint8))
    peaks = range(start, 58, period)
    frames = [{"rgb_full": picture(), "alpha": grown if n in peaks else alpha} for n in range(60)]
    result = run(Periodic(), frames)
    assert result.total == period
    assert f"every {period} frames" in result.notes[0].symptom.words
    assert result.notes[0].symptom.layers == ("alpha", "mask")
    assert all(result.frames[n] or result.frames[n + 1] for n in peaks)


def test_peaks_without_a_common_distance_have_no_period() -> None:
    track = [10.0 if n in (3, 9, 21, 26, 47) else 0.1 for n in range(60)]
    assert find_period(track, 2.0) is None


@pytest.mark.parametrize("off", [0, 1])
def test_a_period_may_be_a_frame_off_and_miss_one_peak_of_five(off: int) -> None:
    peaks = [6, 16 + off, 26, 46, 56]
    found = find_period([10.0 if n in peaks else 0.1 for n in range(60)], 2.0)
    assert found is not None and found.length == 10


def test_two_peaks_are_no_period() -> None:
    assert find_period([10.0 if n in (5, 21) else 0.1 for n in range(40)], 2.0) is None


def track(peaks: dict[int, float]) -> list[float | None]:
    return [None, *(peaks.get(n, 0.05) for n in range(1, 47)), None]


def test_peaks_that_come_back_alike_recur() -> None:
    assert recurring(track({5: 0.4, 21: 0.5, 37: 0.45}), 0.3) == {5, 21, 37}
    assert recurring(track({5: -0.4, 21: -0.5, 37: -0.45}), 0.3) == {5, 21, 37}
    assert recurring(track({2: 1.0, 12: 1.0, 22: 1.0, 42: 1.0}), 0.3) == {2, 12, 22, 42}


@pytest.mark.parametrize(
    "peaks",
    [
        {5: 0.4, 21: 0.5},  # too few
        {5: 0.4, 21: -0.5, 37: 0.45},  # to both sides
        {5: 0.4, 21: 1.5, 37: 0.45},  # not alike
        {5: 0.4, 20: 0.5, 37: 0.45},  # at no common distance
        {5: 0.4, 21: 0.5, 37: 0.45, 9: 0.6, 30: 0.7},  # among others
        {5: 0.2, 21: 0.25, 37: 0.2},  # too little
    ],
)
def test_other_peaks_do_not_recur(peaks: dict[int, float]) -> None:
    assert recurring(track(peaks), 0.3) == frozenset()
