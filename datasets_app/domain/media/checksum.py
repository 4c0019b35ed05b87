"""Digests of stored bytes: sha256 is the identity, crc32 is what a ZIP needs to know in advance."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import Cancelled

STEP_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What is known of some bytes: ``sha256`` in hex, ``size`` in bytes, ``crc32`` unsigned."""

    sha256: str
    size: int
    crc32: int


class Digester:
    """Digests a stream piece by piece."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self._size = 0

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._sha256.update(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        self._size += len(data)

    def result(self) -> FileDigest:
        """Return the digest of all pieces so far."""
        return FileDigest(sha256=self._sha256.hexdigest(), size=self._size, crc32=self._crc32)


def digest_bytes(data: bytes) -> FileDigest:
    """Return the digest of bytes in memory."""
    digester = Digester()
    digester.update(data)
    return digester.result()


def digest_file(
    path: Path, *, progress: Progress = ignore_progress, should_stop: ShouldStop = never_stop
) -> FileDigest:
    """Return the digest of a file, reading 1 MiB at a time; ``progress`` counts bytes.

    Raises Cancelled when asked to stop, and OSError when the file cannot be read.
    """
    total = path.stat().st_size
    digester = Digester()
    done = 0
    with path.open("rb") as stream:
        while piece := stream.read(STEP_BYTES):
            if should_stop():
                raise Cancelled(f"stopped while reading {path.name}")
            digester.update(piece)
            done += len(piece)
            progress(done, total)
    return digester.result()
