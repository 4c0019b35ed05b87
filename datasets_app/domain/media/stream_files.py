"""One pass over frames that leaves every file of a stream: master, delivery, index, pictures."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

from datasets_app.domain.media.frame_index import build_frame_index
from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.pictures import PictureCollector
from datasets_app.domain.media.writer import (
    GrayDeliveryWriter,
    GrayMasterWriter,
    RgbDeliveryWriter,
    RgbMasterWriter,
)
from matteweb.errors import BadInput

StreamKind = Literal["rgb", "gray"]

_Sink = RgbMasterWriter | RgbDeliveryWriter | GrayMasterWriter | GrayDeliveryWriter

_WRITERS: dict[StreamKind, tuple[type[_Sink], type[_Sink]]] = {
    "rgb": (RgbMasterWriter, RgbDeliveryWriter),
    "gray": (GrayMasterWriter, GrayDeliveryWriter),
}


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
    number at the end is BadInput, and so is no frame at all. Memory: one frame, the encoders'
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
        master_writer, delivery_writer = _WRITERS[kind]
        self._folder, self._name = folder, name
        self._size, self._fps, self._expected = size, fps, expected
        self._written = 0
        self._master = folder / f"{name}.mkv" if master else None
        self._delivery = folder / f"{name}.mp4" if delivery else None
        self._pictures = PictureCollector(expected) if pictures else None
        self._sinks: list[_Sink] = []
        if self._master is not None:
            self._sinks.append(master_writer(self._master, size, fps))
        if self._delivery is not None:
            self._sinks.append(delivery_writer(self._delivery, size, fps))
        self._stack = ExitStack()

    def __enter__(self) -> StreamWriter:
        for sink in self._sinks:
            self._stack.enter_context(sink)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, frame: AnyFrame) -> None:
        """Append one frame of the declared size and kind."""
        for sink in self._sinks:
            sink.write(frame)
        if self._pictures is not None:
            self._pictures.see(self._written, frame)
        self._written += 1

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
