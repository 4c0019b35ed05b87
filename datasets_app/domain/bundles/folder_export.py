"""A bundle as a folder: each file copied, proven by its digest, and moved into place at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from datasets_app.domain.bundles.export_note import EXPORT_NOTE_PATH
from datasets_app.domain.bundles.files import BundleFile
from datasets_app.domain.bundles.manifest import MANIFEST_PATH
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import Cancelled, Conflict, Corrupt

_STEP = 1 << 20

BlobPath = Callable[[str], Path]
"""Where the stored bytes with this sha256 lie."""


def write_folder(
    files: Sequence[BundleFile],
    folder: Path,
    blob_path: BlobPath,
    *,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Write every file under ``folder`` and return how many bytes were copied.

    A file that is there already with the right digest is kept, so a stopped export continues.
    Progress counts bytes. Raises Conflict when the folder holds something else, Corrupt when
    stored bytes do not have their digest, Cancelled.
    """
    claim_folder(folder, files[0])
    total = sum(file.size for file in files)
    done = copied = 0
    for file in files:
        target = folder / file.path
        if not _is_there(target, file):
            copied += _write(file, target, blob_path, should_stop)
        done += file.size
        progress(done, total)
        if should_stop():
            raise Cancelled("the export was stopped", hint="start it again to continue")
    return copied


def claim_folder(folder: Path, manifest: BundleFile) -> None:
    """Make ``folder``, or accept one that is empty or holds this very bundle. Raises Conflict."""
    folder.mkdir(parents=True, exist_ok=True)
    there = folder / MANIFEST_PATH
    if (folder / EXPORT_NOTE_PATH).exists():
        raise Conflict(
            f"{folder.name} holds an export in another form", hint="choose another folder"
        )
    if _is_there(there, manifest):
        return
    if there.exists():
        raise Conflict(f"{folder.name} holds another bundle", hint="choose another folder")
    if any(folder.iterdir()):
        raise Conflict(f"{folder.name} is not empty", hint="choose an empty or a new folder")


def _is_there(target: Path, file: BundleFile) -> bool:
    if not target.is_file() or target.stat().st_size != file.size:
        return False
    return digest_file(target).sha256 == file.sha256


def _write(file: BundleFile, target: Path, blob_path: BlobPath, should_stop: ShouldStop) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        if file.data is not None:
            partial.write_bytes(file.data)
        else:
            _copy(blob_path(file.sha256), partial, file, should_stop)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return file.size


def _copy(source: Path, partial: Path, file: BundleFile, should_stop: ShouldStop) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as stored, partial.open("wb") as out:
        while data := stored.read(_STEP):
            digest.update(data)
            out.write(data)
            if should_stop():
                raise Cancelled("the export was stopped", hint="start it again to continue")
    if digest.hexdigest() != file.sha256:
        raise Corrupt(
            f"the stored bytes of {file.path} have changed", hint="restore them from a backup"
        )
