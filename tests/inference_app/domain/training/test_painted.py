"""Painted clips are what their numbers say, and the held-out ones share nothing with training."""

from __future__ import annotations

import numpy as np
import pytest

from inference_app.domain.training.clips import Bank
from inference_app.domain.training.guidance import spoiled
from inference_app.domain.training.held_out import TEST, TRAINING_BANK, VALIDATION
from inference_app.domain.training.painted import bank_of, held_out_clip, painted_clip


@pytest.fixture(scope="module")
def bank() -> Bank:
    return bank_of(5, 6, 6)


def test_the_same_number_paints_the_same_bytes(bank: Bank) -> None:
    first, again = (painted_clip(Bank(5, 6, 6), 3, 9, frames=3, height=48, width=64) for _ in "ab")
    assert first.rgb.tobytes() == again.rgb.tobytes()
    assert first.alpha.tobytes() == again.alpha.tobytes()
    assert first.mask.tobytes() == again.mask.tobytes()


def test_another_number_paints_another_clip(bank: Bank) -> None:
    clips = [painted_clip(bank, 3, index, frames=1, height=48, width=64) for index in range(6)]
    assert len({clip.rgb.tobytes() for clip in clips}) == 6


def test_a_clip_has_the_shapes_it_was_asked_for_and_a_hard_mask(bank: Bank) -> None:
    clip = painted_clip(bank, 1, 2, frames=4, height=48, width=64)
    assert clip.rgb.shape == (4, 48, 64, 3) and clip.alpha.shape == clip.mask.shape == (4, 48, 64)
    assert set(np.unique(clip.mask)) <= {0, 255}
    assert 0.02 < clip.alpha[0].mean() / 255 < 0.95


def test_masks_are_wrong_but_mean_the_object(bank: Bank) -> None:
    overlaps = []
    for index in range(30):
        clip = painted_clip(bank, 8, index, frames=1, height=64, width=64)
        truth, mask = clip.alpha[0] > 127, clip.mask[0] > 0
        overlaps.append((truth & mask).sum() / max(1, (truth | mask).sum()))
    assert np.median(overlaps) > 0.6
    assert max(overlaps) < 1


def test_spoiling_is_steady_enough_to_follow_and_still_flickers(bank: Bank) -> None:
    still = np.repeat(painted_clip(bank, 2, 4, frames=1, height=64, width=64).alpha, 6, 0) / 255
    masks = spoiled(still.astype(np.float32), np.random.default_rng(1))
    changed = np.abs(np.diff(masks, axis=0)).mean((1, 2))
    assert 0 < changed.max() < 0.3


def test_held_out_sets_share_no_seed_with_training_or_one_another() -> None:
    seeds = [TRAINING_BANK]
    for held in (VALIDATION, TEST):
        seeds += [held.bank_seed, held.clip_seed]
    assert len(set(seeds)) == 5
    assert held_out_clip(VALIDATION, 0).rgb.shape == (6, 128, 128, 3)


def test_a_held_out_set_ends_where_it_says() -> None:
    with pytest.raises(IndexError, match="20 clips"):
        held_out_clip(VALIDATION, 20)
