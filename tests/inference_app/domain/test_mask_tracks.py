from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.frames import GrayFrame
from inference_app.domain.mask_tracks import Combining, combined, reading_of


def square(left: int, value: int = 255) -> GrayFrame:
    mask = np.zeros((12, 24), np.uint8)
    mask[3:9, left : left + 8] = value
    return mask


def one(how: Combining, *masks: GrayFrame, grow: int = 0, hard: bool = False) -> GrayFrame:
    (frame,) = combined([[mask] for mask in masks], how, grow=grow, hard=hard)
    return frame


def test_union_minus_and_common_keep_soft_values() -> None:
    first, second = square(2, 200), square(6, 90)
    assert (one("union", first, second)[4, [3, 8, 12]] == [200, 200, 90]).all()
    assert (one("minus", first, second)[4, [3, 8, 12]] == [200, 165, 0]).all()
    assert (one("common", first, second)[4, [3, 8, 12]] == [0, 90, 0]).all()


def test_where_tracks_overlap_the_first_has_priority() -> None:
    numbers = one("priority", square(2), square(6), square(10, 100))
    assert (numbers[4, [3, 8, 12, 16]] == [1, 1, 2, 0]).all()


def test_a_track_grows_or_shrinks_by_pixels() -> None:
    mask = square(8)
    assert np.flatnonzero(one("union", mask, grow=2)[5]).tolist() == list(range(6, 18))
    assert np.flatnonzero(one("union", mask, grow=-2)[5]).tolist() == list(range(10, 14))


def test_hard_cuts_above_127() -> None:
    assert one("union", square(2, 128), hard=True).max() == 255
    assert one("union", square(2, 127), hard=True).max() == 0


def test_tracks_of_other_lengths_are_no_tracks_of_one_clip() -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(combined([[square(2), square(2)], [square(2)]], "union"))


def test_a_trimap_is_unknown_around_the_outline_and_a_trimask_removes_with_a_margin() -> None:
    mask = square(8)
    trimap = reading_of("trimap", 2)(mask)
    assert trimap[5, [4, 7, 9, 11, 12]].tolist() == [0, 128, 128, 255, 255]
    trimask = reading_of("trimask", 2)(mask)
    assert trimask[5, [4, 5, 6, 12, 17, 18]].tolist() == [128, 128, 0, 0, 0, 128]
