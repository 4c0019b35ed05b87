"""Depth tracks: one scale per clip, no flicker, no ghosts, clips of one frame."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.optics import depth_track
from datasets_app.domain.synthesis.optics.depth_track import (
    disparities,
    middle,
    parted,
    scale_of,
    spread_numbers,
)
from datasets_app.domain.synthesis.sources.references import MaskRef
from matteweb.errors import BadInput

SIZE = FrameSize(64, 48)


def stored(folder: Path, frames: list[GrayFrame]) -> tuple[MaskRef, dict[str, Path]]:
    path = folder / "depth.mkv"
    with GrayMasterWriter(path, SIZE, Fraction(25)) as out:
        for frame in frames:
            out.write(frame)
    ref = MaskRef(id=1, name="depth", digest="d", width=64, height=48, soft=True)
    return ref, {"d": path}


def wall_and_visitor(frames: int) -> list[GrayFrame]:
    """A wall at 80 that does not move; something nearer comes in at half time."""
    made = []
    for number in range(frames):
        frame = np.full((48, 64), 80, np.uint8)
        frame[:, :16] = 20
        if number >= frames // 2:
            frame[10:40, 48:] = 250
        made.append(frame)
    return made


def stretched_by_itself(frame: GrayFrame) -> np.ndarray:
    """Every frame stretched from its own least to its own most."""
    low, high = float(frame.min()), float(frame.max())
    return np.asarray((frame - low) / (high - low + 1e-8))


def test_what_does_not_move_keeps_its_depth_whoever_comes_in(tmp_path: Path) -> None:
    frames = wall_and_visitor(12)
    track, sources = stored(tmp_path, frames)
    window = FrameWindow(0, 1, 12)
    scale = scale_of(track, sources, window)
    wall = [float(d[24, 30]) for d in disparities(track, sources, window, scale, 0)]
    assert np.ptp(wall) < 0.01
    jumping = [stretched_by_itself(frame)[24, 30] for frame in frames]
    assert np.ptp(jumping) > 0.5


def test_noise_between_frames_is_steadied_and_motion_leaves_no_trace(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frames = [np.full((48, 64), 128, np.uint8) for _ in range(9)]
    for number, frame in enumerate(frames):
        frame[:, :8], frame[:, 8:16] = 0, 255
        frame[:, 16:40] = 128 + rng.integers(-4, 5)
        frame[20:30, 40 + 2 * number : 46 + 2 * number] = 255
    track, sources = stored(tmp_path, frames)
    window = FrameWindow(0, 1, 9)
    scale = scale_of(track, sources, window)
    steady = list(disparities(track, sources, window, scale, 0))
    raw = np.array([scale.disparity(frame)[10, 28] for frame in frames])
    assert np.std([d[10, 28] for d in steady]) < 0.6 * raw.std()
    assert steady[6][25, 41] == pytest.approx(128 / 255, abs=0.05)


def test_a_frame_does_not_depend_on_where_reading_began(tmp_path: Path) -> None:
    track, sources = stored(tmp_path, wall_and_visitor(12))
    window = FrameWindow(0, 1, 12)
    scale = scale_of(track, sources, window)
    whole = list(disparities(track, sources, window, scale, 0))
    for first in (1, 2, 5, 11):
        rest = list(disparities(track, sources, window, scale, first))
        assert len(rest) == 12 - first
        assert all(np.array_equal(a, b) for a, b in zip(rest, whole[first:], strict=True))


@pytest.mark.parametrize("frames", [1, 19])
def test_a_clip_under_twenty_frames_has_a_scale(
    tmp_path: Path, frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at a twentieth of the frames looks at none of a short clip."""
    track, sources = stored(tmp_path, wall_and_visitor(frames))
    window = FrameWindow(0, 1, frames)

    def is_read_whole() -> None:
        scale = scale_of(track, sources, window)
        assert scale.far < scale.near
        assert len(list(disparities(track, sources, window, scale, 0))) == frames

    is_read_whole()
    monkeypatch.setattr(
        depth_track, "spread_numbers", lambda length, most: list(range(int(0.05 * length)))
    )
    with pytest.raises(IndexError):
        is_read_whole()


def test_looks_are_spread_from_the_first_frame_to_the_last() -> None:
    assert spread_numbers(1, 16) == [0]
    assert spread_numbers(100, 5) == [0, 25, 50, 74, 99]


def test_a_track_that_is_shorter_than_its_container_says_is_named(tmp_path: Path) -> None:
    frames = wall_and_visitor(4)
    track, sources = stored(tmp_path, frames)
    scale = scale_of(track, sources, FrameWindow(0, 1, 4))

    def names_the_track(read: Callable[[int], object]) -> None:
        with pytest.raises(BadInput, match="depth"):
            read(9)

    names_the_track(
        lambda said: list(disparities(track, sources, FrameWindow(0, 1, said), scale, 0))
    )
    with pytest.raises(IndexError):  # a loop over what the container says, after all the work
        names_the_track(lambda said: [frames[number] for number in range(said)])


def test_depth_at_the_edge_belongs_to_neither_side() -> None:
    alpha = np.zeros((48, 64), np.uint8)
    alpha[:, 32:] = 255
    disparity = np.where(alpha > 0, np.float32(0.9), np.float32(0.1))
    disparity[:, 31:33] = 0.5
    subject, behind = parted(disparity, alpha)
    assert subject[:, 32:].min() > 0.89
    assert behind[:, :32].max() < 0.11


def test_a_subject_without_an_inside_has_no_middle() -> None:
    assert middle(np.ones((48, 64), np.float32), np.zeros((48, 64), np.uint8)) is None
