"""The sha256 of files that take seconds to read, such as weights."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def remembered_sha256(path: Path) -> str:
    """Return the digest of the file; it is read again only when its size or time is another."""
    facts = path.stat()
    return _read(path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
