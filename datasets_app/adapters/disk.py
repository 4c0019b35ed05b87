"""The system calls that fail for want of room, in one place, so that tests can let them fail."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matteweb.errors import NoSpace

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk:
    """Writes, syncs and measures. Tests hand in one that is full or that writes short."""

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some of ``data`` and return how many bytes were taken."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Return only when what was written is on the medium."""
        os.fsync(descriptor)

    def free_bytes(self, path: Path) -> int:
        """Return the room on the disk that holds ``path``, or will hold it."""
        return shutil.disk_usage(nearest_existing(path)).free


def write_all(disk: Disk, descriptor: int, data: bytes) -> None:
    """Write every byte of ``data``, however few the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(descriptor, rest) :]


def sync_folder(disk: Disk, folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        disk.sync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(disk: Disk, folder: Path) -> None:
    """Create ``folder`` and its parents; each new name survives a power cut."""
    if folder.is_dir():
        return
    make_folder(disk, folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(disk, folder.parent)


@contextmanager
def full_disk_as_no_space(path: Path) -> Iterator[None]:
    """Turn "no space left on device" into NoSpace with the place; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoSpace(
            f"the disk that holds {nearest_existing(path)} is full",
            hint="free some space there; what was complete before is kept",
        ) from error


def nearest_existing(path: Path) -> Path:
    """Return ``path`` or the closest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path
