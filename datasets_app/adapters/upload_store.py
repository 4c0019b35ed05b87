"""Files on their way in: appended to, cut back, synced, and held by one writer at a time.

The writer holds a lock of the kernel on the file itself. It ends with the process, however that
ends, so nobody has to wait for a lease to run out after a kill -9.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from datasets_app.adapters.disk import (
    Disk,
    full_disk_as_no_space,
    make_folder,
    sync_folder,
    write_all,
)

_UID = re.compile(r"[0-9a-f]{32}")
_ENDING = ".part"


class PartBusy(Exception):
    """Another request holds the file."""


class PartMissing(Exception):
    """The file is not here: it was taken into the blob store, removed, or lost."""


class PartWriter:
    """One upload's file, held by nobody else."""

    def __init__(self, descriptor: int, path: Path, disk: Disk) -> None:
        self._descriptor = descriptor
        self._path = path
        self._disk = disk

    def size(self) -> int:
        """Return how many bytes are in the file."""
        return os.fstat(self._descriptor).st_size

    def cut(self, size: int) -> None:
        """Drop everything behind the first ``size`` bytes."""
        os.ftruncate(self._descriptor, size)

    def append(self, data: bytes) -> None:
        """Write at the end. Raises NoSpace."""
        with full_disk_as_no_space(self._path):
            write_all(self._disk, self._descriptor, data)

    def sync(self) -> None:
        """Return when everything is on the medium. Raises NoSpace."""
        with full_disk_as_no_space(self._path):
            self._disk.sync(self._descriptor)

    def remove(self) -> None:
        """Delete the file; whoever waits for it finds it missing."""
        self._path.unlink(missing_ok=True)


class UploadStore:
    """The files below ``root``, named by the uid of their upload (32 hexadecimal digits)."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self._disk = disk or Disk()

    def path(self, uid: str) -> Path:
        """Return where the bytes of an upload lie. Raises ValueError for what is no uid."""
        if not _UID.fullmatch(uid):
            raise ValueError(f"not the uid of an upload: {uid!r}")
        return self.root / f"{uid}{_ENDING}"

    def create(self, uid: str) -> None:
        """Make the empty file; its name survives a power cut. Raises NoSpace."""
        path = self.path(uid)
        with full_disk_as_no_space(self.root):
            make_folder(self._disk, self.root)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            sync_folder(self._disk, self.root)

    def size(self, uid: str) -> int:
        """Return how many bytes are here, 0 when there is no file."""
        try:
            return self.path(uid).stat().st_size
        except FileNotFoundError:
            return 0

    def uids(self) -> Iterator[str]:
        """Yield the uid of every file."""
        for path in sorted(self.root.glob(f"*{_ENDING}")):
            yield path.name.removesuffix(_ENDING)

    @contextmanager
    def writing(self, uid: str) -> Iterator[PartWriter]:
        """Hold the file for writing. Raises PartBusy and PartMissing at once."""
        path = self.path(uid)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            raise PartMissing(uid) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PartBusy(uid) from None
            if not path.exists() or path.stat().st_ino != os.fstat(descriptor).st_ino:
                raise PartMissing(uid)  # removed between opening and locking
            yield PartWriter(descriptor, path, self._disk)
        finally:
            os.close(descriptor)


def upload_store() -> UploadStore:
    """Return the place where this installation keeps files on their way in."""
    return UploadStore(Path(settings.UPLOAD_DIR))
