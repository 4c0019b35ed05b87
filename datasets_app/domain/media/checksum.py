"""What identifies bytes: sha256 and size, and the crc32 that a ZIP entry states in advance."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import Cancelled

_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileDigest:
    """``sha256`` as 64 lower-case hexadecimal digits, ``size`` in bytes, ``crc32`` as in ZIP."""

    sha256: str
    size: int
    crc32: int


class DigestWriter:
    """Collects the digest of bytes that pass by."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self._size = 0

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take in the next bytes."""
        self._sha256.update(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        self._size += len(data)

    def result(self) -> FileDigest:
        """Return the digest of everything so far."""
        return FileDigest(self._sha256.hexdigest(), self._size, self._crc32)


def digest_bytes(data: bytes) -> FileDigest:
    """Return the digest of ``data``."""
    digest = DigestWriter()
    digest.update(data)
    return digest.result()


def digest_file(
    path: Path, *, progress: Progress = ignore_progress, should_stop: ShouldStop = never_stop
) -> FileDigest:
    """Return the digest of a file, reading 1 MiB at a time; ``progress`` counts bytes.

    Raises Cancelled when asked to stop, and OSError when the file cannot be read.
    """
    digest = DigestWriter()
    buffer = bytearray(_STEP_BYTES)
    view = memoryview(buffer)
    done = 0
    with path.open("rb", buffering=0) as file:
        total = os.fstat(file.fileno()).st_size
        while read := file.readinto(buffer):
            if should_stop():
                raise Cancelled(f"stopped while reading {path.name}")
            digest.update(view[:read])
            done += read
            progress(done, total)
    return digest.result()
