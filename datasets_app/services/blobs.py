"""Blobs as rows with their bytes: added, linked, found, discarded.

Nothing here belongs inside a transaction: bytes are copied, and a lock of the store is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.blob_location import blob_location, blob_store
from datasets_app.domain.media.checksum import FileDigest, digest_file
from datasets_app.models import Blob
from datasets_app.selectors.blob_references import blob_is_referenced
from matteweb.errors import BadInput

__all__ = [
    "blob_discard",
    "blob_from_bytes",
    "blob_from_file",
    "blob_link",
    "blob_locator",
    "blob_path",
    "blob_store",
]


def blob_from_file(path: Path, *, move: bool = True, known: FileDigest | None = None) -> Blob:
    """Store a file and return its row; equal bytes are one blob, whoever is first.

    ``move`` takes the file away from ``path``. ``known`` spares hashing again what the caller has
    just hashed. Raises NoSpace when the disk is full.
    """
    return _recorded(blob_store().adding_file(path, move=move, known=known))


def blob_from_bytes(data: bytes) -> Blob:
    """Store bytes that are in memory and return their row. Raises NoSpace."""
    return _recorded(blob_store().adding_bytes(data))


def blob_link(path: Path) -> Blob:
    """Record a file where it lies, without copying it; it is verified whenever it is read.

    Returns the stored blob when the same bytes are in the store already. Raises BadInput when
    there is no such file.
    """
    path = path.expanduser().resolve()
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint="give the path as this server sees it")
    changed_at = path.stat().st_mtime_ns
    digest = digest_file(path)
    blob, created = Blob.objects.get_or_create(
        digest=digest.sha256,
        defaults={
            "size": digest.size,
            "crc32": digest.crc32,
            "external_path": str(path),
            "external_mtime_ns": changed_at,
        },
    )
    if not created:
        blob.stored_at = timezone.now()
        if blob.external_path:
            blob.external_path, blob.external_mtime_ns = str(path), changed_at
        blob.save(update_fields=["stored_at", "external_path", "external_mtime_ns"])
    return blob


def blob_path(blob: Blob) -> Path:
    """Return where the bytes lie; a linked file is verified first. Raises Corrupt."""
    return blob_location(blob)


def blob_locator(blobs: Iterable[Blob]) -> Callable[[str], Path]:
    """Return a function from digest to path that needs no database.

    Linked files are verified now. For responses that read many blobs after the view has returned.
    """
    linked = {blob.digest: blob_path(blob) for blob in blobs if blob.external_path}
    store = blob_store()

    def locate(digest: str) -> Path:
        return linked.get(digest) or store.path(digest)

    return locate


def blob_discard(digest: str, *, stored_before: datetime | None = None) -> int:
    """Delete a blob that nothing refers to, row and bytes; return how many bytes came free.

    0 when it is gone already, when something refers to it after all, or when it was handed in again
    since ``stored_before``. A linked file itself stays.
    """
    store = blob_store()
    with store.exclusive():
        with transaction.atomic():
            blob = Blob.objects.filter(pk=digest).first()
            if blob is None or blob_is_referenced(digest):
                return 0
            if stored_before is not None and blob.stored_at >= stored_before:
                return 0
            blob.delete()
        return blob.size if store.delete(digest) else 0


def _recorded(adding: AbstractContextManager[FileDigest]) -> Blob:
    with adding as digest:
        blob, created = Blob.objects.get_or_create(
            digest=digest.sha256, defaults={"size": digest.size, "crc32": digest.crc32}
        )
        if not created:
            blob.stored_at = timezone.now()
            blob.external_path, blob.external_mtime_ns = "", None
            blob.save(update_fields=["stored_at", "external_path", "external_mtime_ns"])
    return blob
