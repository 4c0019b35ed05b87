"""Failures that cannot be produced otherwise: a disk that fills up, a system that writes short."""

from __future__ import annotations

import errno
import os

from datasets_app.adapters.disk import Disk


class FullDisk(Disk):
    """Has room for so many bytes: the write that passes the limit is cut, the next one fails."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, descriptor: int, data: memoryview) -> int:
        """Take what fits."""
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = super().write(descriptor, data[: self.room])
        self.room -= written
        return written


class ShortWrites(Disk):
    """Takes at most ``most`` bytes at a time, as the system may."""

    def __init__(self, most: int) -> None:
        self.most = most

    def write(self, descriptor: int, data: memoryview) -> int:
        """Take a little."""
        return super().write(descriptor, data[: self.most])


class FailingSync(Disk):
    """Loses the medium when bytes must be made durable."""

    def sync(self, descriptor: int) -> None:
        """Fail as a pulled cable does."""
        raise OSError(errno.EIO, os.strerror(errno.EIO))
