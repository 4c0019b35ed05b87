"""Matrices, ranges and depths, against the formulas of H.273 in floating point."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from datasets_app.domain.media.colour import matrix_name
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import RgbMasterWriter
from tests.encodings import Encoding, encode, gray_frames, noise_colours

# Kr and Kb of H.273 table 4.
WEIGHTS = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}
TAGS = {"bt709": 1, "bt601": 6, "bt2020": 9}
PATCHES = np.array(
    [
        [(255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 30, 40)],
        [(20, 180, 60), (30, 60, 220), (240, 220, 20), (90, 200, 210)],
    ],
    np.uint8,
)


def _patches(size: FrameSize) -> RgbFrame:
    return np.repeat(np.repeat(PATCHES, size.height // 2, 0), size.width // 4, 1)


def _yuv(rgb: RgbFrame, name: str, full: bool) -> npt.NDArray[np.uint8]:
    """Return Y, U, V (3, H, W) by H.273 equations 36 to 41, rounded once."""
    kr, kb = WEIGHTS[name]
    red, green, blue = np.moveaxis(rgb.astype(np.float64) / 255, -1, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    u, v = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    if full:
        planes = (255 * luma, 128 + 255 * u, 128 + 255 * v)
    else:
        planes = (16 + 219 * luma, 128 + 224 * u, 128 + 224 * v)
    return np.asarray(np.clip(np.rint(np.stack(planes)), 0, 255), np.uint8)


def _encode_yuv(path: Path, planes: npt.NDArray[np.uint8], how: Encoding) -> Path:
    return encode(path, [av.VideoFrame.from_ndarray(planes, "yuv444p")], how)


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("full", [False, True])
def test_tagged_colours_come_out_as_they_were(tmp_path: Path, name: str, full: bool) -> None:
    rgb = _patches(FrameSize(64, 48))
    how = Encoding(
        pixel_format="yuv444p",
        options={"qp": "0"},
        matrix=TAGS[name],
        colour_range=2 if full else 1,
    )
    path = _encode_yuv(tmp_path / "a.mp4", _yuv(rgb, name, full), how)
    found = next(read_rgb(path)).astype(int)
    # Half a step of Y and of the colour differences, weighted by the matrix.
    assert np.abs(found - rgb).max() <= 2


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (FrameSize(64, 48), "bt601"),
        (FrameSize(720, 576), "bt601"),
        (FrameSize(1280, 64), "bt709"),
        (FrameSize(64, 640), "bt709"),
    ],
    ids=str,
)
def test_untagged_footage_follows_the_convention_of_players(
    tmp_path: Path, size: FrameSize, name: str
) -> None:
    assert matrix_name(2, size.width, size.height) == (name, True)
    rgb = _patches(size)
    how = Encoding(pixel_format="yuv444p", options={"qp": "0"})
    path = _encode_yuv(tmp_path / "a.mp4", _yuv(rgb, name, False), how)
    assert np.abs(next(read_rgb(path)).astype(int) - rgb).max() <= 2


def test_the_conversion_is_neither_darker_nor_brighter_on_average(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(40, 200, (3, 96, 128), np.uint8)
    planes[1:] = rng.integers(110, 146, (2, 1, 1), np.uint8)
    how = Encoding(pixel_format="yuv444p", options={"qp": "0"}, matrix=1, colour_range=1)
    found = next(read_rgb(_encode_yuv(tmp_path / "a.mp4", planes, how))).astype(np.float64)
    y, u, v = (planes.astype(np.float64) - np.array([16, 128, 128])[:, None, None]) / 224
    y *= 224 / 219
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    exact = np.clip(np.stack([red, green, blue], -1) * 255, 0, 255)
    assert np.abs((found - exact).mean((0, 1))).max() < 0.1
    assert np.abs(found - exact).max() < 1.0


@pytest.mark.parametrize("full", [False, True])
def test_luma_of_limited_range_is_stretched_and_of_full_range_is_not(
    tmp_path: Path, full: bool
) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    how = Encoding(options={"qp": "0"}, colour_range=2 if full else 1)
    found = next(read_gray(encode(tmp_path / "a.mp4", gray_frames([ramp]), how)))[0].astype(int)
    stretched = np.clip(np.rint((np.arange(256) - 16) * 255 / 219), 0, 255)
    assert np.array_equal(found, np.arange(256) if full else stretched)


def test_neutral_rgb_is_read_as_its_gray_exactly(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    path = tmp_path / "a.mkv"
    with RgbMasterWriter(path, FrameSize(256, 16), Fraction(16)) as writer:
        writer.write(np.repeat(ramp[..., None], 3, 2))
    assert np.array_equal(next(read_gray(path)), ramp)


@pytest.mark.parametrize(
    ("file", "codec", "pixel_format", "within"),
    [
        ("a.mov", "prores_ks", "yuv422p10le", 3),
        ("b.mkv", "ffv1", "gbrp10le", 1),
        ("c.mkv", "ffv1", "yuv444p16le", 1),
        ("d.mov", "qtrle", "rgb24", 0),
        ("e.mp4", "libx264", "yuv420p10le", 3),
    ],
)
def test_footage_of_any_depth_is_read(
    tmp_path: Path, file: str, codec: str, pixel_format: str, within: int
) -> None:
    flat = np.full((48, 64, 3), (200, 120, 40), np.uint8)
    frame = av.VideoFrame.from_ndarray(flat, "rgb24")
    path = encode(tmp_path / file, [frame], Encoding(codec, pixel_format))
    assert np.abs(next(read_rgb(path)).astype(int) - flat).max() <= within


@pytest.mark.parametrize("pixel_format", ["gray10le", "gray16le", "gray"])
def test_deep_gray_is_brought_to_eight_bits_by_rounding(tmp_path: Path, pixel_format: str) -> None:
    bits = int(pixel_format.removeprefix("gray").removesuffix("le") or 8)
    values = np.linspace(0, (1 << bits) - 1, 64).astype(np.uint16 if bits > 8 else np.uint8)
    frame = av.VideoFrame.from_ndarray(np.tile(values, (16, 1)), pixel_format)
    path = encode(tmp_path / "a.mkv", [frame], Encoding("ffv1", pixel_format))
    exact = np.rint(values.astype(np.float64) * 255 / ((1 << bits) - 1))
    assert np.array_equal(next(read_gray(path))[0], exact)


def test_colour_of_a_gray_master_is_gray(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    frame = av.VideoFrame.from_ndarray(ramp, "gray")
    path = encode(tmp_path / "a.mkv", [frame], Encoding("ffv1", "gray"))
    assert np.array_equal(next(read_rgb(path)), np.repeat(ramp[..., None], 3, 2))


def test_an_opaque_frame_with_an_opacity_channel_keeps_its_colours(tmp_path: Path) -> None:
    rgb = noise_colours(1, FrameSize(32, 32))[0]
    rgba = np.dstack([rgb, np.full((32, 32), 255, np.uint8)])
    frame = av.VideoFrame.from_ndarray(rgba, "rgba")
    path = encode(tmp_path / "a.mov", [frame], Encoding("png", "rgba"))
    assert np.array_equal(next(read_rgb(path)), rgb)
