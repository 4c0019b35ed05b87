"""Footage as cameras, editors and strangers encode it: what the program reads but never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame

RATE = Fraction(16)


@dataclass(frozen=True)
class Encoding:
    """One way to store frames. ``times``: a timestamp per frame, in ticks of ``tick`` seconds."""

    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    rate: Fraction = RATE
    times: Sequence[int] | None = None
    tick: Fraction | None = None
    turn: tuple[float, bool, bool] | None = None
    """Counter-clockwise degrees, then flips: left to right, upside down."""
    colour_range: int = 0
    matrix: int = 2
    transfer: int = 2
    sound: bool = False


def encode(path: Path, frames: Sequence[av.VideoFrame], how: Encoding | None = None) -> Path:
    """Write ``frames`` to ``path``; the ending chooses the container."""
    how = how or Encoding()
    tick = how.tick or 1 / how.rate
    with av.open(str(path), "w") as out:
        added = out.add_stream(how.codec, rate=how.rate, options=how.options, time_base=tick)
        stream = cast(VideoStream, added)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt = how.pixel_format
        context = stream.codec_context
        context.thread_count = 1
        context.color_range, context.colorspace = how.colour_range, how.matrix
        context.color_trc = how.transfer
        if how.turn is not None:
            stream.set_display_rotation(*how.turn)
        sound = out.add_stream("aac", rate=8000) if how.sound else None
        for number, frame in enumerate(frames):
            frame.pts = number if how.times is None else how.times[number]
            frame.time_base = tick
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            _add_silence(out, sound)
    return path


def encode_sound(path: Path) -> Path:
    """Write a file that holds sound alone."""
    with av.open(str(path), "w") as out:
        _add_silence(out, out.add_stream("aac", rate=8000))
    return path


def _add_silence(out: av.container.OutputContainer, stream: av.AudioStream) -> None:
    frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts = 8000, 0
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def gray_frames(
    pictures: Sequence[GrayFrame], pixel_format: str = "yuv420p"
) -> list[av.VideoFrame]:
    """Return frames whose luma is exactly ``pictures``, with neutral chroma."""
    return [_yuv(picture, pixel_format) for picture in pictures]


def _yuv(picture: GrayFrame, pixel_format: str) -> av.VideoFrame:
    frame = av.VideoFrame(picture.shape[1], picture.shape[0], pixel_format)
    for number, plane in enumerate(frame.planes):
        rows = np.full((plane.height, plane.line_size), 128, np.uint8)
        if number == 0:
            rows[:, : plane.width] = picture
        plane.update(rows.tobytes())
    return frame


def numbered_pictures(count: int, size: FrameSize) -> list[GrayFrame]:
    """Return pictures that all differ, each with its number written in 8 coarse bits."""
    pictures = []
    ramp = np.linspace(60, 190, size.width, dtype=np.uint8)
    for number in range(count):
        picture = np.tile(ramp, (size.height, 1))
        step = size.width // 8
        for bit in range(8):
            value = 235 if number >> bit & 1 else 16
            picture[: size.height // 2, bit * step : (bit + 1) * step] = value
        pictures.append(picture)
    return pictures


def read_number(picture: GrayFrame) -> int:
    """Return the number written by `numbered_pictures`, after any loss."""
    step, height = picture.shape[1] // 8, picture.shape[0] // 4
    return sum((int(picture[height, bit * step + step // 2]) > 128) << bit for bit in range(8))


def noise_pictures(count: int, size: FrameSize, seed: int = 0) -> list[GrayFrame]:
    """Return pictures in which every value occurs."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (size.height, size.width), np.uint8) for _ in range(count)]


def noise_colours(count: int, size: FrameSize, seed: int = 0) -> list[RgbFrame]:
    """Return colour pictures in which every value occurs."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (size.height, size.width, 3), np.uint8) for _ in range(count)]
