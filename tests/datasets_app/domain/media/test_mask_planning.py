"""Planning stacks: small, exact in the mean, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.mask_planning import (
    LONGEST_SIDE,
    planning_picture,
    planning_size,
    planning_stack,
    read_planning_stack,
)
from matteweb.errors import BadInput, Corrupt
from tests.encodings import noise_pictures

SIZE = FrameSize(640, 384)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 5))
def test_the_mean_of_a_planning_picture_is_that_of_the_mask(
    width: int, height: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mask = np.where(rng.random((height, width)) < rng.random(), 255, 0).astype(np.uint8)
    small = planning_picture(mask)
    assert max(small.shape) <= LONGEST_SIDE
    assert abs(float(small.mean()) - float(mask.mean())) <= 0.6


def test_a_stack_comes_back_with_every_frame(tmp_path: Path) -> None:
    masks = noise_pictures(7, SIZE)
    path = tmp_path / "0f3a"
    path.write_bytes(planning_stack(masks, 7, SIZE))
    stack = read_planning_stack(path)
    size = planning_size(SIZE)
    assert stack.shape == (7, size.height, size.width) == (7, 58, 96)
    assert np.array_equal(stack, [planning_picture(one) for one in masks])


def test_small_masks_are_kept_as_they_are(tmp_path: Path) -> None:
    masks = noise_pictures(2, FrameSize(64, 48))
    path = tmp_path / "a"
    path.write_bytes(planning_stack(masks, 2, FrameSize(64, 48)))
    assert np.array_equal(read_planning_stack(path), masks)


def test_the_same_masks_are_the_same_bytes() -> None:
    masks = noise_pictures(3, SIZE)
    assert planning_stack(masks, 3, SIZE) == planning_stack(iter(masks), 3, SIZE)


def test_other_numbers_and_sizes_are_refused() -> None:
    with pytest.raises(BadInput, match="2 masks came where 3 were announced"):
        planning_stack(noise_pictures(2, SIZE), 3, SIZE)
    with pytest.raises(ValueError, match="mask 0 is 64x48"):
        planning_stack(noise_pictures(1, FrameSize(64, 48)), 1, SIZE)


def test_other_files_are_no_planning_stack(tmp_path: Path) -> None:
    path = tmp_path / "0f3a"
    whole = planning_stack(noise_pictures(3, SIZE), 3, SIZE)
    for data in (b"", b"PK\x03\x04", whole[: len(whole) // 2], b"text"):
        path.write_bytes(data)
        with pytest.raises(Corrupt, match="0f3a"):
            read_planning_stack(path)
    np.savez(tmp_path / "b.npz", mask=np.zeros((2, 2), np.float32))
    with pytest.raises(Corrupt, match="float32"):
        read_planning_stack(tmp_path / "b.npz")
