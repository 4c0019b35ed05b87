"""Footage as tests bring it in: small real files, read by the services without a worker."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ShouldStop, ignore_progress, never_stop
from datasets_app.models import Asset, Mask, Video
from datasets_app.services.sources.footage import footage_add, footage_ingest
from datasets_app.services.sources.masks import mask_add, mask_ingest
from matteweb.accounts.models import Project
from matteweb.errors import MatteError
from tests import factories

SIZE = FrameSize(64, 48)
FRAMES = 6
FPS = Fraction(16)


def clip_file(
    folder: Path, name: str = "clip", *, frames: int = FRAMES, size: FrameSize = SIZE
) -> Path:
    """Write a clip whose frames differ, lossless, and return its path."""
    path = folder / f"{name}.mkv"
    with RgbMasterWriter(path, size, FPS) as out:
        for number in range(frames):
            frame = np.full((size.height, size.width, 3), 40 + number + len(name), np.uint8)
            frame[:, : 4 + number] = 200
            out.write(frame)
    return path


def mask_file(folder: Path, frames: Sequence[GrayFrame], name: str = "mask") -> Path:
    """Write gray frames lossless as a mask and return its path."""
    path = folder / f"{name}.mkv"
    with GrayMasterWriter(path, FrameSize(frames[0].shape[1], frames[0].shape[0]), FPS) as out:
        for frame in frames:
            out.write(frame)
    return path


def squares(frames: int = FRAMES, size: FrameSize = SIZE, *, value: int = 255) -> list[GrayFrame]:
    """Return masks of a square that covers a quarter of the frame."""
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[: size.height // 2, : size.width // 2] = value
    return [mask.copy() for _ in range(frames)]


def zip_file(path: Path, pictures: dict[str, bytes]) -> Path:
    """Write a ZIP of the named files and return its path."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in pictures.items():
            archive.writestr(name, data)
    return path


def png(picture: np.ndarray[Any, Any]) -> bytes:
    """Return a picture as PNG."""
    return bytes(cv2.imencode(".png", picture)[1].tobytes())


def huge_png(side: int = 60_000) -> bytes:
    """Return a PNG of a few bytes whose header claims ``side`` x ``side`` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def add(project: Project, path: Path, **options: Any) -> Video:
    """Bring in a clip, read it as its job does, and return its row, whatever it became."""
    row = footage_add(project=project, path=path, actor=factories.actor(), **options)
    assert isinstance(row, Video)
    return read(row)


def read(row: Video, should_stop: ShouldStop = never_stop) -> Video:
    """Do what the ingest job does; what it raises stands on the row."""
    kind = "sequence" if row.filename.endswith(".zip") else "clip"
    with suppress(MatteError):
        footage_ingest(kind=kind, pk=row.pk, progress=ignore_progress, should_stop=should_stop)
    row.refresh_from_db()
    return row


def add_still(project: Project, path: Path) -> Asset:
    """Bring in a still and read it."""
    row = footage_add(project=project, path=path, actor=factories.actor())
    assert isinstance(row, Asset)
    with suppress(MatteError):
        footage_ingest(kind="still", pk=row.pk, progress=ignore_progress, should_stop=never_stop)
    row.refresh_from_db()
    return row


def attach(video: Video, path: Path, **options: Any) -> Mask:
    """Attach a mask, read it as its job does, and return its row, whatever it became."""
    return read_mask(mask_add(video=video, path=path, actor=factories.actor(), **options))


def read_mask(mask: Mask, should_stop: ShouldStop = never_stop) -> Mask:
    """Do what the job of a mask does; what it raises stands on the row."""
    with suppress(MatteError):
        mask_ingest(mask_id=mask.pk, progress=ignore_progress, should_stop=should_stop)
    mask.refresh_from_db()
    return mask
