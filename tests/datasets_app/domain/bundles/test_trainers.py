"""Frames that the trainers use, held against the table of their scripts."""

from __future__ import annotations

import pytest

from datasets_app.domain.bundles.trainers import (
    TRAINERS,
    budget_frames,
    frame_findings,
    trained_frames,
)

COG, WAN = TRAINERS


@pytest.mark.parametrize(
    ("frames", "cog", "wan"),
    [(300, 85, 81), (85, 85, 81), (84, 77, 81), (81, 77, 81), (80, 77, 77), (17, 13, 17)],
)
def test_a_clip_is_cut_as_the_trainers_cut_it(frames: int, cog: int, wan: int) -> None:
    assert (trained_frames(frames, COG), trained_frames(frames, WAN)) == (cog, wan)


@pytest.mark.parametrize(
    ("side", "frames"), [(256, 85), (512, 85), (640, 53), (768, 37), (896, 25), (1024, 21)]
)
def test_larger_pictures_leave_room_for_fewer_frames(side: int, frames: int) -> None:
    assert budget_frames(side, COG) == frames
    assert budget_frames(side, WAN) == 81


def test_lengths_that_lose_frames_are_noted_with_one_that_loses_none() -> None:
    found = frame_findings([81, 81, 85, 300])
    assert [(one.message, one.severity) for one in found] == [
        ("2 clips of 81 frames train as 77 in CogVideoX", "note")
    ]
    assert found[0].hint == "85 frames are used whole"
    assert not frame_findings([])
