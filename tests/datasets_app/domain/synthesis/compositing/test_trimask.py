"""The mask of a removal sample."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.compositing import trimask

SIZE = FrameSize(8, 4)


@pytest.mark.parametrize(
    ("stored", "read"),
    [(0, 0), (63, 0), (64, 128), (127, 128), (128, 128), (191, 128), (192, 255), (255, 255)],
)
def test_readers_snap_to_three_values(stored: int, read: int) -> None:
    mask = np.full((4, 8), stored, np.uint8)
    assert np.all(trimask.snap(mask) == read)


def test_snapping_twice_changes_nothing() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(trimask.snap(trimask.snap(every)), trimask.snap(every))


def test_the_background_of_a_trimask_is_128_and_of_a_binary_mask_255() -> None:
    assert np.all(trimask.blank(SIZE, "trimask") == 128)
    assert np.all(trimask.blank(SIZE, "binary") == 255)


def test_a_removal_mask_has_the_opposite_sense_of_an_object_mask() -> None:
    white_is_the_object = np.zeros((4, 8), np.uint8)
    white_is_the_object[1:3, 2:5] = 255
    mask = trimask.blank(SIZE, "trimask")
    assert trimask.remove(mask, white_is_the_object)
    assert np.all(mask[white_is_the_object == 255] == trimask.REMOVE)
    assert np.all(mask[white_is_the_object == 0] == trimask.BACKGROUND)


def test_the_soft_rim_of_an_object_is_removed_too() -> None:
    mask = trimask.blank(SIZE, "binary")
    alpha = np.zeros((4, 8), np.uint8)
    alpha[0, :3] = (1, 100, 255)
    trimask.remove(mask, alpha)
    assert mask[0].tolist() == [0, 0, 0, 255, 255, 255, 255, 255]


def test_remove_overrides_keep_and_keep_overrides_background() -> None:
    kept = np.zeros((4, 8), np.uint8)
    kept[:, :4] = 255
    mask = trimask.blank(SIZE, "trimask", kept)
    gone = np.zeros((4, 8), np.uint8)
    gone[:, 3:5] = 255
    trimask.remove(mask, gone)
    assert mask[0].tolist() == [255, 255, 255, 0, 0, 128, 128, 128]


def test_nothing_removed_is_told() -> None:
    assert not trimask.remove(trimask.blank(SIZE, "trimask"), np.zeros((4, 8), np.uint8))


def test_a_part_of_a_mask_can_be_removed_in_place() -> None:
    mask = trimask.blank(SIZE, "trimask")
    trimask.remove(mask[1:3, 2:4], np.full((2, 2), 255, np.uint8))
    assert cv2.countNonZero(mask) == 32 - 4
