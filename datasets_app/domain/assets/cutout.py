"""The large side file of a subject: its tight crop in pure colour, premultiplied, at every half.

One stream per level in lossless UT Video (planes G, B, R, A in NUT), stored one behind the other:
at 5 ns per pixel it is read eight times as fast as FFV1, at a third of the raw size. Level k is
exactly 2**k times smaller than level 0. Premultiplied, because only then may pixels be averaged.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from datasets_app.domain.media.colour import plane_view
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.geometry.placement import Box
from matteweb.errors import Corrupt

MAGIC: Final = b"MWCUT01\n"
# The demuxer asks Python for its bytes: seldom, then.
_BUFFER_BYTES: Final = 1 << 20


class Planes(NamedTuple):
    """One picture as four (h, w) uint8 planes; the colours are premultiplied by ``alpha``."""

    red: GrayFrame
    green: GrayFrame
    blue: GrayFrame
    alpha: GrayFrame


@dataclass(frozen=True, slots=True)
class CutoutHeader:
    """``box``: what level 0 shows of the source, before it was padded to ``size``.

    ``offsets``: where each level's stream begins and ends in the file.
    """

    box: Box
    size: FrameSize
    frames: int
    fps: Fraction
    offsets: tuple[tuple[int, int], ...]

    @property
    def levels(self) -> int:
        """How many sizes there are."""
        return len(self.offsets)

    def level_for(self, factor: float) -> int:
        """Return the smallest level that need not be enlarged to be shown at ``factor``."""
        level = 0
        while level + 1 < self.levels and factor * 2 ** (level + 1) <= 1:
            level += 1
        return level


class Cutout:
    """An opened side file. Raises Corrupt when it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self.header = _read_header(path)
        except (ValueError, KeyError, OSError, struct.error) as error:
            raise Corrupt(
                f"{path.name} is no cut-out", hint="read the asset again in the library"
            ) from error

    def read(
        self, level: int, *, start: int = 0, step: int = 1, length: int = 1
    ) -> Generator[Planes, None, None]:
        """Yield ``length`` pictures of a level, every ``step``-th from ``start``; the planes are
        views that hold until the next picture is asked for. Raises Corrupt when there are fewer.
        """
        first, last = self.header.offsets[level]
        given = 0
        with ExitStack() as stack:
            window = stack.enter_context(_Window(self._path, first, last))
            container = stack.enter_context(
                av.open(window, "r", format="nut", buffer_size=_BUFFER_BYTES)
            )
            stream = container.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "NONE", 1
            try:
                frames = self._from(container, stream, start)
                for frame in islice(frames, 0, (length - 1) * step + 1, step):
                    yield _planes(frame)
                    given += 1
            except FFmpegError as error:
                raise Corrupt(f"{self._path.name} is damaged: {error}") from error
        if given != length:
            raise Corrupt(
                f"{self._path.name} gives {given} pictures from {start}, planned {length}",
                hint="read the asset again in the library",
            )

    def _from(
        self, container: InputContainer, stream: VideoStream, start: int
    ) -> Iterator[av.VideoFrame]:
        """Return the pictures from number ``start``; every one can be decoded by itself."""
        ticks = 1 / (self.header.fps * Fraction(stream.time_base or 1))
        if start:
            container.seek(int(start * ticks), stream=stream, backward=True)
        return (one for one in container.decode(stream) if round((one.pts or 0) / ticks) >= start)


class _Window(io.RawIOBase):
    """Bytes ``first``..``last`` behind the header of a file, as a file."""

    def __init__(self, path: Path, first: int, last: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        head = len(MAGIC) + 4 + _header_bytes(self._file)
        self._first, self._length, self._at = head + first, last - first, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._length - self._at)
        wanted = left if size < 0 else min(size, left)
        self._file.seek(self._first + self._at)
        data = self._file.read(wanted)
        self._at += len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


def _header_bytes(file: io.BufferedReader) -> int:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("the file does not begin like a cut-out")
    return int(struct.unpack("<I", file.read(4))[0])


def _read_header(path: Path) -> CutoutHeader:
    with path.open("rb") as file:
        raw = json.loads(file.read(_header_bytes(file)))
    return CutoutHeader(
        box=Box(*raw["box"]),
        size=FrameSize(*raw["size"]),
        frames=int(raw["frames"]),
        fps=Fraction(*raw["fps"]),
        offsets=tuple((int(first), int(last)) for first, last in raw["levels"]),
    )


def _planes(frame: av.VideoFrame) -> Planes:
    found = [plane_view(frame, number) for number in range(4)]
    return Planes(red=found[2], green=found[0], blue=found[1], alpha=found[3])
