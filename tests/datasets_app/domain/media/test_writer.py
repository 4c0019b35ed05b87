"""Masters lose nothing, deliveries are what players and trainers expect, no file is half."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.frame import PictureType

from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import (
    GrayDeliveryWriter,
    GrayMasterWriter,
    RgbDeliveryWriter,
    RgbMasterWriter,
)
from matteweb.errors import BadInput, NoSpace
from tests.encodings import noise_colours, noise_pictures, numbered_pictures, read_number

RATES = [
    Fraction(16),
    Fraction(30000, 1001),
    Fraction(24000, 1001),
    Fraction(25, 2),
    Fraction(1, 3),
]
SIZES = [FrameSize(64, 48), FrameSize(65, 49), FrameSize(854, 6), FrameSize(2, 2)]
WRITERS: dict[type[Any], str] = {
    RgbMasterWriter: "a.mkv",
    GrayMasterWriter: "b.mkv",
    RgbDeliveryWriter: "c.mp4",
    GrayDeliveryWriter: "d.mp4",
}
every_writer = pytest.mark.parametrize("writer", WRITERS)


def _write(
    path: Path, writer: type[Any], frames: Sequence[AnyFrame], rate: Fraction = Fraction(16)
) -> Path:
    size = FrameSize(frames[0].shape[1], frames[0].shape[0])
    with writer(path, size, rate) as out:
        for frame in frames:
            out.write(frame)
    return path


def _noise(writer: type[Any], count: int, size: FrameSize) -> Sequence[AnyFrame]:
    colour = writer in (RgbMasterWriter, RgbDeliveryWriter)
    return noise_colours(count, size) if colour else noise_pictures(count, size)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_masters_come_back_exactly(tmp_path: Path, size: FrameSize) -> None:
    colours, grays = noise_colours(5, size), noise_pictures(5, size)
    colour = _write(tmp_path / "rgb.mkv", RgbMasterWriter, colours)
    gray = _write(tmp_path / "gray.mkv", GrayMasterWriter, grays)
    assert np.array_equal(list(read_rgb(colour)), colours)
    assert np.array_equal(list(read_gray(gray)), grays)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_gray_deliveries_are_exact_for_pyav_and_opencv(tmp_path: Path, size: FrameSize) -> None:
    pictures = noise_pictures(14, size)
    cut = [picture[: size.height // 2 * 2, : size.width // 2 * 2] for picture in pictures]
    path = _write(tmp_path / "alpha.mp4", GrayDeliveryWriter, pictures)
    assert np.array_equal(list(read_gray(path)), cut)
    assert np.array_equal(_read_with_opencv(path), [np.dstack([one] * 3) for one in cut])


def test_a_delivered_trimask_has_three_values_and_no_other(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    choice = np.array([0, 128, 255], np.uint8)
    masks = [choice[rng.integers(0, 3, (48, 64))] for _ in range(20)]
    path = _write(tmp_path / "mask.mp4", GrayDeliveryWriter, masks)
    for frames in (list(read_gray(path)), _read_with_opencv(path)):
        assert np.unique(frames).tolist() == [0, 128, 255]


def test_every_value_of_an_alpha_survives_delivery(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    path = _write(tmp_path / "alpha.mp4", GrayDeliveryWriter, [ramp, ramp[:, ::-1].copy()])
    assert np.array_equal(list(read_gray(path)), [ramp, ramp[:, ::-1]])
    assert np.array_equal(_read_with_opencv(path)[1][..., 0], ramp[:, ::-1])


@every_writer
@pytest.mark.parametrize("rate", RATES, ids=str)
def test_frame_i_is_shown_at_exactly_i_over_fps(
    tmp_path: Path, writer: type[Any], rate: Fraction
) -> None:
    path = _write(tmp_path / WRITERS[writer], writer, _noise(writer, 15, FrameSize(32, 32)), rate)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        tick = stream.time_base or Fraction(0)
        times = [(frame.pts or 0) * tick for frame in file.decode(stream)]
        assert len(times) == 15
        assert stream.average_rate == rate
        # Matroska counts whole milliseconds; its frames are numbered, not timed.
        slack = Fraction(1, 2000) if path.suffix == ".mkv" else 0
        assert all(abs(time - number / rate) <= slack for number, time in enumerate(times))


@every_writer
def test_the_same_frames_are_the_same_bytes(tmp_path: Path, writer: type[Any]) -> None:
    frames = _noise(writer, 15, FrameSize(64, 48))
    one = _write(tmp_path / f"one{WRITERS[writer]}", writer, frames)
    other = _write(tmp_path / f"other{WRITERS[writer]}", writer, frames)
    assert one.read_bytes() == other.read_bytes()


@every_writer
def test_rows_may_lie_apart_and_pixels_anywhere(tmp_path: Path, writer: type[Any]) -> None:
    wide = _noise(writer, 1, FrameSize(128, 96))[0]
    views = [wide[:48, :64], wide[::2, ::2], wide[:48, 63::-1]]
    packed = [np.ascontiguousarray(view) for view in views]
    one = _write(tmp_path / f"one{WRITERS[writer]}", writer, views)
    other = _write(tmp_path / f"other{WRITERS[writer]}", writer, packed)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("writer", "profile", "pixel_format", "colour_range"),
    [
        (RgbDeliveryWriter, "High", "yuv420p", 1),
        (GrayDeliveryWriter, "High 4:4:4 Predictive", "yuvj420p", 2),
    ],
)
def test_deliveries_say_what_their_numbers_mean(
    tmp_path: Path, writer: type[Any], profile: str, pixel_format: str, colour_range: int
) -> None:
    frames = _noise(writer, 3, FrameSize(64, 48))
    with av.open(str(_write(tmp_path / "a.mp4", writer, frames))) as file:
        context = file.streams.video[0].codec_context
        assert (context.profile, context.pix_fmt) == (profile, pixel_format)
        tags = (context.color_primaries, context.color_trc, context.colorspace)
        assert tags == (1, 1, 1)
        assert context.color_range == colour_range
        assert len(file.streams) == 1


def test_colour_deliveries_keep_hue_and_brightness(tmp_path: Path) -> None:
    flat = np.full((48, 64, 3), (200, 120, 40), np.uint8)
    path = _write(tmp_path / "a.mp4", RgbDeliveryWriter, [flat] * 3)
    assert np.abs(next(read_rgb(path)).astype(int) - flat).max() <= 2


@pytest.mark.parametrize("writer", [RgbDeliveryWriter, GrayDeliveryWriter])
def test_a_delivery_starts_playing_before_it_is_whole(tmp_path: Path, writer: type[Any]) -> None:
    data = _write(tmp_path / "a.mp4", writer, _noise(writer, 14, FrameSize(64, 48))).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("writer", [RgbDeliveryWriter, GrayDeliveryWriter])
def test_keyframes_are_every_twelve_whatever_the_content(tmp_path: Path, writer: type[Any]) -> None:
    # Noise is one cut per frame, where an encoder would like to place keyframes of its own.
    path = _write(tmp_path / "a.mp4", writer, _noise(writer, 40, FrameSize(64, 48)))
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
    keys = [number for number, frame in enumerate(frames) if frame.key_frame]
    assert keys == [0, 12, 24, 36]
    kinds = "".join("B" if frame.pict_type == PictureType.B else "-" for frame in frames)
    assert "BBB" not in kinds


@every_writer
def test_an_error_leaves_no_file(tmp_path: Path, writer: type[Any]) -> None:
    path = tmp_path / WRITERS[writer]
    with pytest.raises(RuntimeError, match="stop"), writer(path, FrameSize(64, 48), 16) as out:
        for frame in _noise(writer, 20, FrameSize(64, 48)):
            out.write(frame)
        raise RuntimeError("stop")
    assert not path.exists()


@every_writer
def test_a_file_without_frames_is_not_written(tmp_path: Path, writer: type[Any]) -> None:
    path = tmp_path / WRITERS[writer]
    with pytest.raises(ValueError, match="no frame was written"), writer(path, FrameSize(8, 8), 16):
        pass
    assert not path.exists()


@every_writer
def test_a_full_disk_is_called_by_its_name(tmp_path: Path, writer: type[Any]) -> None:
    path = tmp_path / WRITERS[writer]
    path.symlink_to("/dev/full")
    with pytest.raises(NoSpace, match=f"no space is left to write {path.name}"):
        _write(path, writer, _noise(writer, 20, FrameSize(64, 48)))
    assert not path.is_symlink()


@every_writer
def test_frames_of_another_form_are_refused(tmp_path: Path, writer: type[Any]) -> None:
    good = _noise(writer, 1, FrameSize(64, 48))[0]
    other = good[..., 0] if good.ndim == 3 else np.dstack([good] * 3)
    for wrong in (good[:-1], good.astype(np.uint16), other):
        with (
            pytest.raises(ValueError, match="frame 0 of"),
            writer(tmp_path / WRITERS[writer], FrameSize(64, 48), 16) as out,
        ):
            out.write(wrong)


def test_what_is_too_small_to_deliver_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1x48 is too small"):
        RgbDeliveryWriter(tmp_path / "a.mp4", FrameSize(1, 48), Fraction(16))
    with pytest.raises(ValueError, match="frames per second"):
        RgbMasterWriter(tmp_path / "a.mkv", FrameSize(8, 8), Fraction(0))


def test_frames_in_are_frames_out(tmp_path: Path) -> None:
    for count in (1, 2, 3, 13):
        pictures = numbered_pictures(count, FrameSize(64, 48))
        path = _write(tmp_path / f"{count}.mp4", GrayDeliveryWriter, pictures)
        assert [read_number(one) for one in read_gray(path)] == list(range(count))


def _read_with_opencv(path: Path) -> list[AnyFrame]:
    video = cv2.VideoCapture(str(path))
    frames: list[AnyFrame] = []
    while True:
        done, frame = video.read()
        if not done:
            return frames
        frames.append(frame)
