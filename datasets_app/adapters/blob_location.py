"""Where the bytes of a blob lie: in the store, or in a linked file that is verified first."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from datasets_app.adapters.blob_store import BlobStore
from datasets_app.domain.media.checksum import digest_file
from datasets_app.models import Blob
from matteweb.errors import Corrupt


def blob_store() -> BlobStore:
    """Return the store of this installation."""
    return BlobStore(Path(settings.BLOB_DIR))


def blob_location(blob: Blob) -> Path:
    """Return the path of the bytes.

    A linked file whose size or time of change differs from the recorded ones is hashed again.
    Raises Corrupt when it is gone or holds other bytes, or when the store has lost them.
    """
    if blob.external_path:
        return _verified_link(blob)
    path = blob_store().path(blob.digest)
    if not path.is_file():
        raise Corrupt(
            f"the bytes of blob {blob} are missing from {settings.BLOB_DIR}",
            hint="restore them from a backup",
        )
    return path


def _verified_link(blob: Blob) -> Path:
    path = Path(blob.external_path)
    try:
        status = path.stat()
    except OSError:
        raise Corrupt(
            f"the linked file {path} cannot be reached",
            hint="mount its disk again, or add the file again",
        ) from None
    if status.st_size == blob.size and status.st_mtime_ns == blob.external_mtime_ns:
        return path
    same_size = status.st_size == blob.size
    if not same_size or _digest_at(path, status.st_mtime_ns) != blob.digest:
        raise Corrupt(
            f"the linked file {path} has changed since it was added",
            hint="put the original back, or add the changed file as a new one",
        )
    return path


@lru_cache(maxsize=4096)
def _digest_at(path: Path, changed_at_ns: int) -> str:
    """Hash a touched file once per process, not once per range that is asked of it."""
    return digest_file(path).sha256
