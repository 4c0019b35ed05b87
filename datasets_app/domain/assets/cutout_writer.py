"""Writes the large side file of a subject, see `cutout`: one picture and its halves in memory."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.stream import VideoStream

from datasets_app.domain.assets.cutout import MAGIC, Planes
from datasets_app.domain.media.colour import plane_view
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.geometry.placement import Box

_SMALLEST: Final = 48
_MOST_LEVELS: Final = 6


class CutoutWriter:
    """Context manager: ``write`` each picture of the subject, then the file is complete.

    Memory: one picture and its halves. ``path`` is removed when an error passes through.
    """

    def __init__(self, path: Path, box: Box, fps: Fraction) -> None:
        self._path, self._box, self._fps = path, box, fps
        width, height = box.right - box.left, box.bottom - box.top
        self._levels = _level_count(width, height)
        grid = 2 ** (self._levels - 1)
        self._size = FrameSize(-(-width // grid) * grid, -(-height // grid) * grid)
        self._streams = [
            _LevelWriter(path.with_suffix(f".level{level}"), self._size, level, fps)
            for level in range(self._levels)
        ]
        self._stack = ExitStack()
        self._frames = 0

    def __enter__(self) -> Self:
        for stream in self._streams:
            self._stack.enter_context(stream)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        try:
            if kind is None:
                self._join()
        finally:
            for stream in self._streams:
                stream.path.unlink(missing_ok=True)

    def write(self, colour: RgbFrame, alpha: GrayFrame) -> None:
        """Append one picture: pure colour (H, W, 3) and alpha (H, W) of the whole source frame."""
        part = alpha[self._box.slices]
        planes = _premultiplied(colour[self._box.slices], part, self._size)
        for level, stream in enumerate(self._streams):
            if level:
                planes = Planes(*(_halved(plane) for plane in planes))
            stream.write(planes)
        self._frames += 1

    def _join(self) -> None:
        """Put the levels behind a header that says where each lies."""
        sizes = [stream.path.stat().st_size for stream in self._streams]
        ends = np.cumsum(sizes).tolist()
        header = json.dumps(
            {
                "box": list(self._box),
                "size": [self._size.width, self._size.height],
                "frames": self._frames,
                "fps": [self._fps.numerator, self._fps.denominator],
                "levels": list(zip([0, *ends[:-1]], ends, strict=True)),
            }
        ).encode()
        with self._path.open("wb") as out:
            out.write(MAGIC + struct.pack("<I", len(header)) + header)
            for stream in self._streams:
                with stream.path.open("rb") as part:
                    while piece := part.read(1 << 20):
                        out.write(piece)


class _LevelWriter:
    """One level into a file of its own."""

    def __init__(self, path: Path, whole: FrameSize, level: int, fps: Fraction) -> None:
        self.path = path
        self._container = av.open(str(path), "w", format="nut", options={"fflags": "+bitexact"})
        added = self._container.add_stream("utvideo", rate=fps, time_base=1 / fps)
        self._stream: VideoStream = added
        self._stream.width, self._stream.height = whole.width >> level, whole.height >> level
        self._stream.pix_fmt = "gbrap"
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.flags |= Flags.bitexact
        self._frame_rate, self._written = fps, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def write(self, planes: Planes) -> None:
        """Append one picture of this level's size."""
        coded = av.VideoFrame(self._stream.width, self._stream.height, "gbrap")
        stored = (planes.green, planes.blue, planes.red, planes.alpha)
        for number, values in enumerate(stored):
            plane_view(coded, number)[:] = values
        coded.pts, coded.time_base = self._written, 1 / self._frame_rate
        self._container.mux(self._stream.encode(coded))
        self._written += 1


def _level_count(width: int, height: int) -> int:
    count = 1
    while count < _MOST_LEVELS and max(width, height) >> count >= _SMALLEST:
        count += 1
    return count


def _premultiplied(colour: RgbFrame, alpha: GrayFrame, size: FrameSize) -> Planes:
    """Return the planes padded with nothing to ``size``."""
    padded = [np.zeros((size.height, size.width), np.uint8) for _ in range(4)]
    height, width = alpha.shape
    channels: Sequence[GrayFrame] = cv2.split(np.ascontiguousarray(colour))
    for target, channel in zip(padded, channels, strict=False):
        target[:height, :width] = cv2.multiply(channel, alpha, scale=1 / 255)
    padded[3][:height, :width] = alpha
    return Planes(*padded)


def _halved(plane: GrayFrame) -> GrayFrame:
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    half: GrayFrame = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    return half
