"""One pass over frames that leaves every file of a stream: master, delivery, index, pictures."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from datasets_app.domain.media.frame_index import build_frame_index
from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.measured import LayerKind, measure_of
from datasets_app.domain.media.pictures import PictureCollector
from datasets_app.domain.media.reader import read_gray, read_measured, read_rgb
from datasets_app.domain.media.writer import (
    GrayDeliveryWriter,
    GrayMasterWriter,
    MeasuredMasterWriter,
    RgbDeliveryWriter,
    RgbMasterWriter,
    ThreeMeasuredMasterWriter,
)
from matteweb.errors import BadInput

StreamKind = LayerKind

MasterWriter = RgbMasterWriter | GrayMasterWriter | MeasuredMasterWriter | ThreeMeasuredMasterWriter
_Delivery = RgbDeliveryWriter | GrayDeliveryWriter


def master_writer(kind: StreamKind) -> type[MasterWriter]:
    """Return what writes frames of this kind without loss."""
    measure = measure_of(kind)
    if measure is not None:
        return MeasuredMasterWriter if measure.channels == 1 else ThreeMeasuredMasterWriter
    return GrayMasterWriter if kind == "gray" else RgbMasterWriter


def master_frames(path: Path, kind: StreamKind) -> Generator[npt.NDArray[Any], None, None]:
    """Yield what was written to ``path`` without loss. Raises as `read_rgb`."""
    if measure_of(kind) is not None:
        return read_measured(path)
    return read_gray(path) if kind == "gray" else read_rgb(path)


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """Where the files of one stream lie; what was not asked for is None. ``size`` is the
    master's, an odd column or row included."""

    frames: int
    size: FrameSize
    fps: Fraction
    master: Path | None
    delivery: Path | None
    frame_index: Path | None
    poster: Path | None
    filmstrip: Path | None


class StreamWriter:
    """Context manager: ``write`` each frame once, then ask for ``files``.

    ``expected`` is the number of frames to come, which places the filmstrip's pictures; another
    number at the end is BadInput, and so is no frame at all. Of a measured layer the delivery shows
    what its numbers look like. Memory: one frame, the encoders'
    look-ahead and nine small pictures, whatever the length. An error inside removes every file.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        kind: StreamKind,
        size: FrameSize,
        fps: Fraction,
        expected: int,
        master: bool,
        delivery: bool = True,
        pictures: bool = False,
    ) -> None:
        self._measure = measure_of(kind)
        self._folder, self._name = folder, name
        self._size, self._fps, self._expected = size, fps, expected
        self._written = 0
        self._master = folder / f"{name}.mkv" if master else None
        self._delivery = folder / f"{name}.mp4" if delivery else None
        self._pictures = PictureCollector(expected) if pictures else None
        self._exact: MasterWriter | None = None
        self._seen: _Delivery | None = None
        if self._master is not None:
            self._exact = master_writer(kind)(self._master, size, fps)
        if self._delivery is not None:
            shows = GrayDeliveryWriter if kind == "gray" else RgbDeliveryWriter
            self._seen = shows(self._delivery, size, fps)
        self._stack = ExitStack()

    def __enter__(self) -> StreamWriter:
        for sink in (self._exact, self._seen):
            if sink is not None:
                self._stack.enter_context(sink)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, frame: npt.NDArray[Any]) -> None:
        """Append one frame of the declared size and kind."""
        if self._exact is not None:
            self._exact.write(frame)
        if self._seen is not None or self._pictures is not None:
            shown = self._shown(frame)
            if self._seen is not None:
                self._seen.write(shown)
            if self._pictures is not None:
                self._pictures.see(self._written, shown)
        self._written += 1

    def _shown(self, frame: npt.NDArray[Any]) -> AnyFrame:
        return self._measure.shown(frame) if self._measure is not None else frame

    def files(self) -> StreamFiles:
        """Return what was written, after the ``with`` block ended."""
        if self._written != self._expected:
            raise BadInput(
                f"{self._name} gave {self._written} frames where {self._expected} were announced",
                hint="the file changed or is damaged: bring it in again",
            )
        index = None
        if self._delivery is not None:
            index = self._folder / f"{self._name}.index.json"
            index.write_bytes(build_frame_index(self._delivery).to_json_bytes())
        poster = strip = None
        if self._pictures is not None:
            poster, strip = self._pictures.save(self._folder, self._name)
        return StreamFiles(
            frames=self._written,
            size=self._size,
            fps=self._fps,
            master=self._master,
            delivery=self._delivery,
            frame_index=index,
            poster=poster,
            filmstrip=strip,
        )
