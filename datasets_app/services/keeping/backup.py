"""A backup that can be taken while people work: the database as of one moment, and new blobs.

1. The database is copied by SQLite itself, page by page, consistent while others write.
2. Then every blob that this copy names is copied, unless the backup has it: blobs never change.
A blob that was collected between the two steps was already unreferenced in the copy.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from datasets_app.adapters.blob_store import BlobStore
from datasets_app.domain.progress import Progress, ignore_progress
from matteweb.errors import BadInput, Conflict, Corrupt, NotFound

DATABASE = "db.sqlite3"
KEY_FILE = "secret_key"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup or a restore moved. ``linked`` files stay where they lie and are not in it."""

    blobs: int
    copied: int
    bytes: int
    linked: int


def backup_write(*, folder: Path, progress: Progress = ignore_progress) -> BackupReport:
    """Write or continue a backup in ``folder``; equal blobs are never copied twice.

    Raises BadInput for a folder inside the data folder.
    """
    data = Path(settings.DATA_DIR).resolve()
    if folder.resolve().is_relative_to(data):
        raise BadInput(f"{folder} lies inside the data folder", hint="choose another disk")
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{DATABASE}.partial"
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(data / DATABASE)) as live, closing(sqlite3.connect(draft)) as copy:
        live.backup(copy)
    source = BlobStore(Path(settings.BLOB_DIR))
    report = _copy_blobs(draft, source, BlobStore(folder / "blobs"), progress)
    secret = folder / KEY_FILE
    secret.touch(0o600)
    secret.write_text((data / KEY_FILE).read_text())
    draft.replace(folder / DATABASE)
    return report


def backup_restore(*, folder: Path, progress: Progress = ignore_progress) -> BackupReport:
    """Bring a backup into an empty data folder, every blob verified by its digest.

    The database comes last, so that a broken restore leaves no data folder that looks whole.
    Raises BadInput when ``folder`` is no backup, Conflict when there is a database already.
    """
    data = Path(settings.DATA_DIR)
    saved = folder / DATABASE
    if not saved.is_file():
        raise BadInput(f"{folder} holds no backup", hint=f"it has no {DATABASE}")
    if (data / DATABASE).exists():
        raise Conflict(
            f"{data} has a database already", hint="set MATTEWEB_DATA to an empty folder"
        )
    target = BlobStore(Path(settings.BLOB_DIR))
    report = _copy_blobs(saved, BlobStore(folder / "blobs"), target, progress)
    if (folder / KEY_FILE).is_file():
        shutil.copy(folder / KEY_FILE, data / KEY_FILE)
        (data / KEY_FILE).chmod(0o600)
    draft = data / f".{DATABASE}.partial"
    shutil.copyfile(saved, draft)
    draft.replace(data / DATABASE)
    return report


def _copy_blobs(
    database: Path,
    source: BlobStore,
    target: BlobStore,
    progress: Progress,
) -> BackupReport:
    """Copy what the database names and ``target`` lacks. Memory: one row at a time."""
    total = copied = size_copied = linked = 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        (count,) = rows.execute("SELECT count(*) FROM datasets_app_blob").fetchone()
        found = rows.execute("SELECT digest, size, external_path FROM datasets_app_blob")
        for digest, size, external in found:
            total += 1
            if external:
                linked += 1
            elif not target.exists(digest):
                _copy_blob(source, target, digest)
                copied, size_copied = copied + 1, size_copied + size
            progress(total, count)
    return BackupReport(blobs=total, copied=copied, bytes=size_copied, linked=linked)


def _copy_blob(source: BlobStore, target: BlobStore, digest: str) -> None:
    """Copy one blob and check its bytes on the way. Raises Corrupt, NotFound."""
    if not source.exists(digest):
        raise NotFound(f"blob {digest[:12]} is missing from {source.root}")
    with target.adding_file(source.path(digest), move=False) as stored:
        if stored.sha256 != digest:
            raise Corrupt(
                f"blob {digest[:12]} in {source.root} has other bytes than its name says",
                hint="the disk is failing: keep the older backup",
            )
