"""What is finished of a long sample, in pieces that outlive the process that made them.

A piece is a folder with one lossless file per layer; it counts from the moment it has its name,
which says which frames it holds. Whoever goes on reads those frames instead of making them, and
hands them to the same writers: so the sample ends with the same bytes, killed or not.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.stream_files import MasterWriter, master_frames, master_writer
from datasets_app.domain.recipes.base import Layers, LayerSpec

PIECE = 120
"""Frames of a piece: what a kill costs at most. Shorter samples keep no journal."""

_PART = ".part"


class FrameJournal:
    """Pieces of one sample in ``folder``; frames are numbered from 0."""

    def __init__(
        self,
        folder: Path,
        specs: Iterable[LayerSpec],
        size: FrameSize,
        fps: Fraction,
        piece: int = PIECE,
    ) -> None:
        self._folder, self._specs = folder, tuple(specs)
        self._size, self._fps, self._piece = size, fps, piece

    @property
    def finished(self) -> int:
        """How many frames are there, from the first on."""
        return len(self._pieces()) * self._piece

    def frames(
        self, make: Callable[[int], Generator[Layers, None, None]]
    ) -> Generator[Layers, None, None]:
        """Yield every frame: the finished ones as they were stored, the others from ``make``,
        which is asked to begin with a frame number. Memory: one frame."""
        first = 0
        for folder in self._pieces():
            yield from self._stored(folder)
            first += self._piece
        with closing(make(first)) as made:
            yield from self._recorded(made, first)

    def discard(self) -> None:
        """Forget everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _pieces(self) -> list[Path]:
        """Return the finished pieces, as far as none is missing."""
        found: list[Path] = []
        while (folder := self._folder / f"{len(found) * self._piece:08d}").is_dir():
            found.append(folder)
        return found

    def _stored(self, folder: Path) -> Generator[Layers, None, None]:
        with ExitStack() as stack:
            streams = {
                spec.name: stack.enter_context(
                    closing(master_frames(_file(folder, spec), spec.kind))
                )
                for spec in self._specs
            }
            for _ in range(self._piece):
                yield {name: next(frames) for name, frames in streams.items()}

    def _recorded(self, made: Iterable[Layers], first: int) -> Generator[Layers, None, None]:
        """Yield what is made, and keep every piece that becomes whole."""
        piece: _Piece | None = None
        try:
            for number, layers in enumerate(made, start=first):
                if piece is None:
                    piece = _Piece(self._folder, number, self._specs, self._size, self._fps)
                piece.write(layers)
                if piece.frames == self._piece:
                    piece.keep()
                    piece = None
                yield layers
        finally:
            if piece is not None:
                piece.drop()


class _Piece:
    """A piece in the making, under a name that does not count."""

    def __init__(
        self,
        folder: Path,
        first: int,
        specs: tuple[LayerSpec, ...],
        size: FrameSize,
        fps: Fraction,
    ) -> None:
        self._final = folder / f"{first:08d}"
        self._part = folder / f"{first:08d}{_PART}"
        shutil.rmtree(self._part, ignore_errors=True)
        self._part.mkdir(parents=True)
        self._stack = ExitStack()
        self._writers: dict[str, MasterWriter] = {}
        for spec in specs:
            path = _file(self._part, spec)
            writer = master_writer(spec.kind)(path, size, fps)
            self._stack.enter_context(writer)
            self._writers[spec.name] = writer
        self.frames = 0

    def write(self, layers: Layers) -> None:
        """Append one frame."""
        for name, frame in layers.items():
            self._writers[name].write(frame)
        self.frames += 1

    def keep(self) -> None:
        """Give it its name, after its bytes are on the disk."""
        self._stack.close()
        for file in self._part.iterdir():
            with file.open("rb") as stored:
                os.fsync(stored.fileno())
        self._part.rename(self._final)

    def drop(self) -> None:
        """Close and remove it."""
        self._stack.close()
        shutil.rmtree(self._part, ignore_errors=True)


def _file(folder: Path, spec: LayerSpec) -> Path:
    return folder / f"{spec.name}.mkv"
