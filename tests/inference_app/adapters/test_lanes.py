"""What a process that carries masks holds from one order to the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from fractions import Fraction
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.writer import RgbMasterWriter
from inference_app.adapters.lanes import Clip, _lane, _Look, _Order
from inference_app.domain.interactive.chain import unpacked
from inference_app.domain.interactive.spans import Leg, LegTask
from tests.inference_app.domain.interactive.moving import overlap, pictures, true_mask

FRAMES = 4


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    shown, path = pictures(FRAMES), tmp_path / "clip.mkv"
    with RgbMasterWriter(path, shown.size, Fraction(25)) as writer:
        for frame in range(FRAMES):
            writer.write(shown[frame])
    return Clip(path, FRAMES, shown.size, tmp_path / "flow")


@pytest.fixture
def pipe() -> Iterator[Connection]:
    """Ours; the lane works in a thread and ends when it is closed."""
    ours, theirs = Pipe()
    lane = threading.Thread(target=_lane, args=(theirs,))
    lane.start()
    yield ours
    ours.close()
    lane.join(30)


def carried(pipe: Connection, clip: Clip) -> list[Any]:
    """Return what comes of carrying the true mask of frame 0 to the end."""
    mask = np.round(true_mask(0) * 255).astype(np.uint8)
    pipe.send(_Order(clip, {0: {1: mask}}, LegTask(0, Leg(0, FRAMES - 1, True), (1,))))
    answers = []
    while True:
        kind, content = pipe.recv()
        answers.append(content)
        if kind != "frame":
            return answers


def test_frames_that_were_looked_at_are_there_without_the_file(
    pipe: Connection, clip: Clip
) -> None:
    pipe.send(_Look(clip, 0))
    first = carried(pipe, clip)  # it was decoded before this was asked
    clip.path.unlink()
    again = carried(pipe, clip)
    for one, two in zip(first[:-1], again[:-1], strict=True):
        assert np.array_equal(one[1], two[1])
    assert overlap(unpacked(again[-2]).masks[0], true_mask(FRAMES - 1)) > 0.8


def test_another_clip_is_opened_anew_and_a_missing_one_is_said_only_to_who_needs_it(
    pipe: Connection, clip: Clip, tmp_path: Path
) -> None:
    missing = Clip(tmp_path / "away.mkv", FRAMES, clip.size, tmp_path / "flow")
    pipe.send(_Look(missing, 0))
    assert len(carried(pipe, clip)) == FRAMES
    assert "away.mkv" in str(carried(pipe, missing)[-1])
    assert len(carried(pipe, clip)) == FRAMES
