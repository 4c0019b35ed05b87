"""Puts the files that the domain wrote for one stream into the store and onto its row."""

from __future__ import annotations

from typing import TypedDict

from datasets_app.domain.media.stream_files import StreamFiles
from datasets_app.models import Blob
from datasets_app.services.blobs import blob_from_file


class StreamFields(TypedDict):
    """The columns of ``models.Stream``, ready for ``create`` or ``update``."""

    master: Blob | None
    delivery: Blob | None
    frame_index: Blob | None
    poster: Blob | None
    filmstrip: Blob | None
    frames: int
    width: int
    height: int
    fps_num: int
    fps_den: int


def stream_store(files: StreamFiles) -> StreamFields:
    """Move the files into the store. Safe to repeat: equal bytes are one blob."""

    def stored(name: str) -> Blob | None:
        path = getattr(files, name)
        return blob_from_file(path) if path is not None else None

    return StreamFields(
        master=stored("master"),
        delivery=stored("delivery"),
        frame_index=stored("frame_index"),
        poster=stored("poster"),
        filmstrip=stored("filmstrip"),
        frames=files.frames,
        width=files.size.width,
        height=files.size.height,
        fps_num=files.fps.numerator,
        fps_den=files.fps.denominator,
    )
