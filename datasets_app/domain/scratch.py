"""Scratch folders under a root: made anew for each use, gone afterwards whatever happened."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path


@contextmanager
def scratch_folder(root: Path, purpose: str) -> Iterator[Path]:
    """Yield an empty folder under ``root``, which is made where it is not there.

    Several of one purpose may be in use at once. What killed processes left under it is removed
    first: a folder in use is locked by whoever uses it, and a lock ends with its process.
    """
    root.mkdir(parents=True, exist_ok=True)
    for left_over in root.glob(f"{escape(purpose)}.*"):
        _remove_unused(left_over)
    folder, lock = _made(root, purpose)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made(root: Path, purpose: str) -> tuple[Path, int]:
    """Return a new folder and the descriptor that holds its lock.

    Between making and locking it looks like a left-over, so somebody may just have removed it.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{purpose}.", dir=root))
        lock = _locked(folder, fcntl.LOCK_EX)
        if lock is not None and folder.is_dir():
            return folder, lock
        if lock is not None:
            os.close(lock)


def _remove_unused(folder: Path) -> None:
    lock = _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path, kind: int) -> int | None:
    """Return a descriptor that holds the lock of a folder, None for one in use or gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
