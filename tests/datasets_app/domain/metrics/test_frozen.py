"""Frozen frames: how much less than usual a layer changed, against the medians by hand."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.frozen import Frozen
from tests.datasets_app.domain.metrics.clips import disc, picture, places, run


def moving(frames: int = 20) -> list[dict[str, np.ndarray]]:
    """Return a scene that goes left by a pixel per frame."""
    return [{"rgb_full": np.roll(picture(7), -n, 1)} for n in range(frames)]


@pytest.mark.parametrize("length", [1, 3])
def test_frames_that_repeat_the_one_before_are_named(length: int) -> None:
    frames = moving()
    for number in range(8, 8 + length):
        frames[number] = frames[7]
    result = run(Frozen(), frames)
    assert places(result.notes) == [(8, 7 + length)]
    assert result.frames[8] == 100


def test_the_number_is_what_is_missing_of_the_usual_change() -> None:
    frames = moving()
    half = (frames[9]["rgb_full"].astype(int) + frames[10]["rgb_full"]) // 2
    frames[10] = {"rgb_full": half.astype(np.uint8)}
    changes = [
        np.abs(frames[n]["rgb_full"].astype(int) - frames[n - 1]["rgb_full"]).mean()
        for n in range(1, 20)
    ]
    usual = np.median(changes[1:18])
    assert run(Frozen(), frames).frames[10] == pytest.approx(
        100 * (1 - changes[9] / usual), abs=0.5
    )


def test_a_clip_that_rests_or_is_animated_on_twos_is_not_frozen() -> None:
    assert run(Frozen(), [{"rgb_full": picture()}] * 12).notes == ()
    assert run(Frozen(), [moving()[n - n % 2] for n in range(20)]).notes == ()


def test_a_mask_that_stays_behind_while_the_picture_moves_is_named() -> None:
    frames = [{**frame, "alpha": disc(x=30 + 2 * n)} for n, frame in enumerate(moving())]
    frames[11] = {**frames[11], "alpha": frames[10]["alpha"]}
    notes = run(Frozen(), frames).notes
    assert places(notes) == [(11, 11)]
    assert notes[0].symptom.layers == ("alpha", "mask")


def unsteady(frames: int = 24) -> list[dict[str, np.ndarray]]:
    """Return a scene that moves in every other frame, else by a trace."""
    seen = [np.roll(picture(7), -(n // 2), 1) for n in range(frames)]
    for number in range(1, frames, 2):
        seen[number] = seen[number].copy()
        seen[number][:2, :, 0] ^= 1
    return [{"rgb_full": one} for one in seen]


def test_an_unsteady_clip_is_frozen_only_where_it_is_the_same_to_the_bit() -> None:
    frames = unsteady()
    assert run(Frozen(), frames).notes == ()
    frames[10] = frames[9]
    assert places(run(Frozen(), frames).notes) == [(10, 10)]
