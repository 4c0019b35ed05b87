"""One picture file, of every kind that labs and phones write."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.picture_file import (
    is_picture,
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from matteweb.errors import BadInput, Unsupported
from tests.encodings import noise_colours, noise_pictures

SIDE = 100
SIZE = FrameSize(12, 8)
RGB = noise_colours(1, SIZE)[0]
GRAY = noise_pictures(1, SIZE)[0]
DAVIS = [0, 0, 0, 128, 0, 0, 0, 128, 0]


def _stored(image: Image.Image, form: str = "PNG", **options: Any) -> BytesIO:
    out = BytesIO()
    image.save(out, form, **options)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("form", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("BMP", {})],
)
def test_lossless_colours_are_exact(tmp_path: Path, form: str, options: dict[str, Any]) -> None:
    stored = _stored(Image.fromarray(RGB), form, **options)
    assert np.array_equal(read_picture_rgb(stored, "a", SIDE), RGB)
    path = tmp_path / "0f3a"
    path.write_bytes(stored.getvalue())
    assert is_picture(path)
    assert read_picture_header(path, "a", SIDE).size == SIZE


def test_stored_gray_is_exact_and_repeated_for_colour() -> None:
    for image in (Image.fromarray(GRAY), Image.fromarray(np.dstack([GRAY] * 3))):
        assert np.array_equal(read_picture_gray(_stored(image), "a", SIDE), GRAY)
        assert np.array_equal(read_picture_rgb(_stored(image), "a", SIDE), np.dstack([GRAY] * 3))


def test_one_bit_pictures_are_black_and_white() -> None:
    bits = Image.fromarray(GRAY > 127)
    assert bits.mode == "1"
    found = read_picture_gray(_stored(bits), "a", SIDE)
    assert np.array_equal(found, np.where(GRAY > 127, 255, 0))


def test_sixteen_bit_gray_is_rounded() -> None:
    deep = np.array([[0, 128, 129, 257, 32896, 65535]], np.uint16)
    found = read_picture_gray(_stored(Image.fromarray(deep)), "a", SIDE)
    assert found.tolist() == [[0, 0, 1, 1, 128, 255]]
    assert read_picture_rgb(_stored(Image.fromarray(deep)), "a", SIDE)[0, 4].tolist() == [128] * 3


def test_a_palette_with_colours_numbers_objects_and_one_of_grays_does_not() -> None:
    numbers = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    davis = Image.fromarray(numbers, "P")
    davis.putpalette(DAVIS)
    header = read_picture_header(_stored(davis), "a", SIDE)
    assert header.palette
    assert np.array_equal(read_picture_gray(_stored(davis), "a", SIDE, "number"), numbers)
    assert read_picture_rgb(_stored(davis), "a", SIDE)[0].tolist() == [
        [0, 0, 0],
        [128, 0, 0],
        [0, 128, 0],
    ]
    grays = Image.fromarray(numbers, "P")
    grays.putpalette([0, 0, 0, 100, 100, 100, 255, 255, 255])
    assert not read_picture_header(_stored(grays), "a", SIDE).palette
    assert read_picture_gray(_stored(grays), "a", SIDE)[0].tolist() == [0, 100, 255]
    with pytest.raises(BadInput, match="has no palette"):
        read_picture_gray(_stored(Image.fromarray(GRAY)), "a.png", SIDE, "number")


def test_opacity_is_a_channel_of_its_own() -> None:
    image = Image.fromarray(np.dstack([RGB, GRAY]))
    assert read_picture_header(_stored(image), "a", SIDE).alpha
    assert np.array_equal(read_picture_gray(_stored(image), "a", SIDE, "alpha"), GRAY)
    assert np.array_equal(read_picture_rgb(_stored(image), "a", SIDE), RGB)
    with pytest.raises(BadInput, match=r"a\.png has no opacity channel"):
        read_picture_gray(_stored(Image.fromarray(GRAY)), "a.png", SIDE, "alpha")


@pytest.mark.parametrize("turn", range(1, 9))
def test_photos_are_turned_upright(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = _stored(Image.fromarray(RGB), exif=exif)
    # Exif 2.3, table 6: which side of the picture the first row and column are.
    upright = {
        1: RGB,
        2: RGB[:, ::-1],
        3: RGB[::-1, ::-1],
        4: RGB[::-1],
        5: RGB.swapaxes(0, 1),
        6: RGB.swapaxes(0, 1)[:, ::-1],
        7: RGB.swapaxes(0, 1)[::-1, ::-1],
        8: RGB.swapaxes(0, 1)[::-1],
    }[turn]
    assert np.array_equal(read_picture_rgb(stored, "a", SIDE), upright)
    header = read_picture_header(stored, "a", SIDE)
    assert (header.size.height, header.size.width) == upright.shape[:2]


def test_large_moving_and_floating_pictures_are_unsupported() -> None:
    wide = _stored(Image.new("L", (SIDE + 1, 1)))
    with pytest.raises(Unsupported, match=r"a\.png claims to be larger than 100 px per side"):
        read_picture_header(wide, "a.png", SIDE)
    moving = _stored(
        Image.fromarray(GRAY), "WEBP", save_all=True, append_images=[Image.fromarray(255 - GRAY)]
    )
    with pytest.raises(Unsupported, match="several pictures in one file"):
        read_picture_header(moving, "a.webp", SIDE)
    floating = _stored(Image.fromarray(GRAY.astype(np.float32)), "TIFF")
    with pytest.raises(Unsupported, match="floating-point pixels"):
        read_picture_header(floating, "a.tif", SIDE)


def test_damaged_pictures_are_named() -> None:
    stored = _stored(Image.fromarray(noise_colours(1, FrameSize(90, 90))[0])).getvalue()
    with pytest.raises(BadInput, match=r"frame_3\.png is damaged or incomplete"):
        read_picture_rgb(BytesIO(stored[: len(stored) // 2]), "frame_3.png", SIDE)
    with pytest.raises(BadInput, match=r"frame_3\.png is not a picture"):
        read_picture_rgb(BytesIO(b"hello" * 20), "frame_3.png", SIDE)
