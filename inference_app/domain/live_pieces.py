"""A stream that can be looked at while it is made: finished pieces, and one file that grows.

Each piece is a few frames, stored lossless for the end and as H.264 for the eye. The H.264 pieces
lie behind one another in ``<name>.live``, and ``<name>.json`` is their common frame index, replaced
when a piece is whole. A killed process leaves whole pieces, and goes on after the last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.measured import MeasuredFrame
from datasets_app.domain.media.reader import read_gray, read_measured, read_rgb
from datasets_app.domain.media.stream_files import StreamKind, StreamWriter
from datasets_app.domain.media.writer import MeasuredMasterWriter

_Frame = TypeVar("_Frame")

PIECE, FIRST = 24, 12
"""Frames in a piece: a second or so, and in the first one, which somebody waits for. Both end where
groups of pictures do in the delivery of the video beside them."""


@dataclass(frozen=True, slots=True)
class LivePieces:
    """One growing stream in ``folder``."""

    folder: Path
    name: str
    kind: StreamKind
    size: FrameSize
    fps: Fraction

    @property
    def live(self) -> Path:
        """The growing file."""
        return self.folder / f"{self.name}.live"

    def index(self) -> dict[str, Any] | None:
        """Return the frame index of what is finished, None before the first piece."""
        path = self.folder / f"{self.name}.json"
        found: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
        return found

    def frames_done(self) -> int:
        """Return how many frames are finished."""
        index = self.index()
        return int(index["frames"]) if index else 0

    def begin(self, frames: int) -> StreamWriter:
        """Return a writer for the next piece, of ``frames`` frames; `finish` takes it in."""
        return StreamWriter(
            self.folder, _piece(self.name, self.frames_done()), kind=self.kind, size=self.size,
            fps=self.fps, expected=frames, master=True,
        )  # fmt: skip

    def finish(self, writer: StreamWriter) -> None:
        """Add a written piece to the growing file."""
        files = writer.files()
        assert files.delivery is not None and files.frame_index is not None  # noqa: S101
        fresh: dict[str, Any] = json.loads(files.frame_index.read_bytes())
        before = self.index()
        length = before["bytes"] if before else 0
        with self.live.open("r+b" if self.live.exists() else "wb") as file:
            # What a killed process wrote of a piece that never counted is written over.
            file.truncate(length)
            file.seek(length)
            file.write(files.delivery.read_bytes())
            fresh["bytes"] = file.tell()
        shown = before["frames"] if before else 0
        moved = [[at + length, size, key, n + shown] for at, size, key, n in fresh["chunks"]]
        fresh["chunks"] = (before["chunks"] if before else []) + moved
        fresh["frames"] += shown
        draft = self.folder / f"{self.name}.draft"
        draft.write_text(json.dumps(fresh, separators=(",", ":")))
        draft.replace(self.folder / f"{self.name}.json")
        files.delivery.unlink()
        files.frame_index.unlink()

    def read(self) -> Iterator[AnyFrame]:
        """Yield every finished frame, lossless."""
        read = read_gray if self.kind == "gray" else read_rgb
        yield from _frames(self.folder, self.name, read, self.frames_done())


@dataclass(frozen=True, slots=True)
class DeepPieces:
    """The pieces of one stream in 16 bits, which nobody watches: a file each in ``folder``."""

    folder: Path
    name: str
    size: FrameSize
    fps: Fraction

    def begin(self, start: int) -> MeasuredMasterWriter:
        """Return a writer for the piece that begins with frame ``start``."""
        path = self.folder / f"{_piece(self.name, start)}.mkv"
        return MeasuredMasterWriter(path, self.size, self.fps)

    def begun(self) -> bool:
        """Whether there is a first piece, and so all of them: runs of before 16 bits have none."""
        return (self.folder / f"{_piece(self.name, 0)}.mkv").exists()

    def read(self, frames: int) -> Iterator[MeasuredFrame]:
        """Yield the first ``frames`` frames. Raises NotFound where a piece is missing."""
        yield from _frames(self.folder, self.name, read_measured, frames)


def _frames(
    folder: Path, name: str, read: Callable[[Path], Iterator[_Frame]], frames: int
) -> Iterator[_Frame]:
    """Yield the first ``frames`` frames of the stream ``name``, piece by piece."""
    start = 0
    while start < frames:
        for frame in read(folder / f"{_piece(name, start)}.mkv"):
            yield frame
            start += 1


def _piece(name: str, start: int) -> str:
    return f"{name}-{start:08d}"
