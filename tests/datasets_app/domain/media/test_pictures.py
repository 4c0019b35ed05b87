"""Posters and filmstrips."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.pictures import (
    SPRITE,
    PictureCollector,
    filmstrip_numbers,
    poster_number,
    small_picture,
    sprite_picture,
)
from matteweb.errors import BadInput
from tests.encodings import noise_colours, noise_pictures


def _opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def _flat(value: int, size: FrameSize) -> AnyFrame:
    return np.full((size.height, size.width, 3), value, np.uint8)


@given(st.integers(1, 100_000))
def test_the_chosen_frames_exist_and_are_spread_evenly(frames: int) -> None:
    numbers = filmstrip_numbers(frames)
    assert len(numbers) == 8
    assert list(numbers) == sorted(numbers)
    assert all(0 <= number < frames for number in (*numbers, poster_number(frames)))
    steps = np.diff(numbers)
    assert steps.max() - steps.min() <= 1


@pytest.mark.parametrize("frames", [1, 5, 8, 100])
def test_one_pass_gives_poster_and_eight_sprites(tmp_path: Path, frames: int) -> None:
    size = FrameSize(640, 384)
    collector = PictureCollector(frames)
    for number in range(frames):
        collector.see(number, _flat(50 + number, size))
    poster, strip = collector.save(tmp_path, "rgb")
    assert (poster.name, strip.name) == ("rgb.poster.webp", "rgb.filmstrip.webp")
    with Image.open(strip) as image:
        assert (image.format, image.size) == ("WEBP", (8 * SPRITE.width, SPRITE.height))
        sprites = np.asarray(image.convert("RGB")).reshape(SPRITE.height, 8, SPRITE.width, 3)
    for place, number in enumerate(filmstrip_numbers(frames)):
        assert abs(float(sprites[:, place].mean()) - (50 + number)) < 2
    with Image.open(poster) as image:
        assert image.size == (640, 384)


@pytest.mark.parametrize(
    "size", [FrameSize(1920, 1080), FrameSize(300, 900), FrameSize(7, 3)], ids=str
)
def test_every_shape_fills_its_sprite_and_keeps_its_shape_in_the_poster(size: FrameSize) -> None:
    for frame in (noise_colours(1, size)[0], noise_pictures(1, size)[0]):
        assert sprite_picture(frame).shape[:2] == (SPRITE.height, SPRITE.width)
        collector = PictureCollector(1)
        collector.see(0, frame)
        poster = _opened(collector.poster())
        fitted = size.fitted(640)
        assert poster.size == (fitted.width, fitted.height)


def test_the_middle_of_the_frame_is_what_a_sprite_shows() -> None:
    wide = np.zeros((100, 900, 3), np.uint8)
    wide[:, 400:500] = 255
    assert sprite_picture(wide)[96, 160].tolist() == [255, 255, 255]


def test_a_small_picture_averages_what_it_leaves_out() -> None:
    assert small_picture(noise_pictures(1, FrameSize(900, 900))[0], 9).std() < 5


def test_the_same_frames_are_the_same_bytes() -> None:
    made = []
    for _ in range(2):
        collector = PictureCollector(3)
        for number, frame in enumerate(noise_colours(3, FrameSize(320, 200))):
            collector.see(number, frame)
        made.append((collector.poster(), collector.filmstrip()))
    assert made[0] == made[1]


def test_a_collected_picture_is_not_the_callers_frame() -> None:
    frame = _flat(200, FrameSize(64, 48))
    collector = PictureCollector(1)
    collector.see(0, frame)
    frame[:] = 0
    assert np.asarray(_opened(collector.poster()).convert("RGB")).mean() > 190


def test_frames_that_never_came_are_named() -> None:
    collector = PictureCollector(8)
    collector.see(0, _flat(1, FrameSize(8, 8)))
    with pytest.raises(BadInput, match="frame 4, the poster"):
        collector.poster()
    with pytest.raises(BadInput, match=r"frames \[1, 2, 3, 4, 5, 6, 7\]"):
        collector.filmstrip()
    with pytest.raises(BadInput, match="without frames"):
        PictureCollector(0)
