from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from datasets_app.domain.metrics.contour import boundary, contour_accuracy
from datasets_app.domain.metrics.jaccard import jaccard


def _square(top: int, left: int, side: int = 10, size: int = 40) -> npt.NDArray[np.bool_]:
    mask = np.zeros((size, size), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_j_is_intersection_over_union() -> None:
    # Two squares of 100 px that share 5 columns: 50 in both, 150 in either.
    assert jaccard(_square(10, 10), _square(10, 15)) == pytest.approx(50 / 150)


def test_j_of_two_empty_masks_is_one_and_of_one_empty_mask_zero() -> None:
    empty = np.zeros((4, 4), bool)
    assert jaccard(empty, empty) == 1
    assert jaccard(empty, ~empty) == 0


def test_the_boundary_lies_left_and_above_a_change_and_its_corner_counts() -> None:
    mask = np.zeros((5, 5), bool)
    mask[2, 2] = True
    expected = np.zeros((5, 5), bool)
    expected[1:3, 1:3] = True
    assert np.array_equal(boundary(mask), expected)


def test_the_last_row_and_column_look_only_along_themselves_and_the_corner_nowhere() -> None:
    mask = np.zeros((4, 4), bool)
    mask[3, 3] = True
    expected = np.zeros((4, 4), bool)
    expected[2, 2] = expected[2, 3] = expected[3, 2] = True
    assert np.array_equal(boundary(mask), expected)


def test_f_forgives_what_lies_within_its_tolerance_and_nothing_beyond() -> None:
    # Diagonal 56.6, so one pixel of tolerance: a shift by one is perfect.
    assert contour_accuracy(_square(10, 10), _square(10, 11)) == 1
    # By two, of the 40 boundary pixels of each, the two vertical sides (9 each) have no match;
    # rows 9 and 19 overlap but for their ends.
    found = contour_accuracy(_square(10, 10), _square(10, 12))
    assert 0.4 < found < 0.8


def test_f_of_one_pixel_beside_another_is_worked_out_by_hand() -> None:
    # Tolerance 1 in 40x40. Boundaries are 2x2 blocks at rows 9-10; columns 9-10 against 12-13:
    # column 10 and column 12 are two apart, so nothing matches.
    one, two = _square(10, 10, 1), _square(10, 13, 1)
    assert contour_accuracy(one, two) == 0
    # Columns 9-10 against 11-12: one column of each matches. P = R = 2/4.
    assert contour_accuracy(one, _square(10, 12, 1)) == pytest.approx(0.5)


def test_f_is_one_without_any_contour_and_zero_with_only_one() -> None:
    empty = np.zeros((40, 40), bool)
    assert contour_accuracy(empty, empty) == 1
    assert contour_accuracy(~empty, empty) == 1  # a full frame has no contour either
    assert contour_accuracy(_square(5, 5), empty) == 0
