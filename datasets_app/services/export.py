"""A frozen bundle as a ZIP that nobody has to build, or as a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from datasets_app.domain.archives.virtual_zip import ZipEntry, ZipLayout, zip_layout
from datasets_app.domain.bundles.files import BundleFile, bundle_files
from datasets_app.domain.bundles.manifest import Manifest, read_manifest
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.models import Blob, Bundle
from datasets_app.models.bundle import BundleState
from datasets_app.services.blobs import blob_locator, blob_path
from datasets_app.services.space import space_require_at
from matteweb.errors import BadInput, Cancelled, Conflict, Corrupt

COPY_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class BundleArchive:
    """A ZIP whose every byte is computable. ``locate`` finds the file of a stored entry."""

    layout: ZipLayout
    locate: Callable[[str], Path]
    tag: str


def bundle_manifest(bundle: Bundle) -> Manifest:
    """Return the manifest of a frozen bundle. Raises Conflict for a draft."""
    if bundle.state != BundleState.FROZEN or bundle.manifest_blob is None:
        raise Conflict(f"bundle {bundle.name} is not frozen", hint="freeze it first")
    data = blob_path(bundle.manifest_blob).read_bytes()
    return read_manifest(data, expected_id=bundle.manifest_id)


def bundle_archive(bundle: Bundle, *, root: str = "") -> BundleArchive:
    """Return the bundle as a stored ZIP64; ``root`` only changes the training lists.

    Memory: one entry per file. The tag is the bundle's id, marked by the root.
    """
    files = bundle_files(bundle_manifest(bundle), root=root)
    blobs = Blob.objects.filter(pk__in={file.sha256 for file in files if file.data is None})
    entries = [
        ZipEntry(
            file.path, file.size, file.crc32, file.data if file.data is not None else file.sha256
        )
        for file in files
    ]
    layout = zip_layout(entries)
    return BundleArchive(layout, blob_locator(blobs), f"{bundle.manifest_id}{_root_mark(root)}")


def bundle_export_zip(
    *,
    bundle: Bundle,
    path: Path,
    root: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Write the ZIP to ``path`` in one go and return its size in bytes; a half file never stays."""
    archive = bundle_archive(bundle, root=root)
    space_require_at(path.parent, archive.layout.size, purpose=path.name)
    draft = path.with_name(f".{path.name}.partial")
    written = 0
    try:
        with draft.open("wb") as out:
            for segment in archive.layout.segments(0, archive.layout.size):
                if should_stop():
                    raise Cancelled(f"{path.name} was not finished")
                if isinstance(segment, bytes):
                    written += out.write(segment)
                else:
                    written += _copy_range(
                        archive.locate(segment.source), segment.start, segment.stop, out.write
                    )
                progress(written, archive.layout.size)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return written


def bundle_export_folder(
    *,
    bundle: Bundle,
    folder: Path,
    root: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Write the seed's tree into ``folder`` and return the number of files.

    What lies there with the right size and digest is kept, so that a broken export goes on.
    Raises BadInput when the folder holds another bundle.
    """
    files = bundle_files(bundle_manifest(bundle), root=root)
    _refuse_other_bundle(folder, files[0])
    space_require_at(folder, sum(file.size for file in files), purpose=str(folder))
    blobs = Blob.objects.in_bulk([file.sha256 for file in files if file.data is None])
    for number, file in enumerate(files):
        if should_stop():
            raise Cancelled(f"{folder} has {number} of {len(files)} files")
        target = folder / file.path
        if file.data is not None:
            _write_whole(target, file.data)
        elif not _holds(target, file):
            _copy_whole(blob_path(blobs[file.sha256]), target)
        progress(number + 1, len(files))
    return len(files)


def _refuse_other_bundle(folder: Path, manifest: BundleFile) -> None:
    present = folder / manifest.path
    if present.is_file() and present.read_bytes() != manifest.data:
        raise BadInput(f"{folder} holds another bundle", hint="choose an empty folder")


def _holds(target: Path, file: BundleFile) -> bool:
    if not target.is_file() or target.stat().st_size != file.size:
        return False
    return digest_file(target).sha256 == file.sha256


def _write_whole(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial")
    draft.write_bytes(data)
    draft.replace(target)


def _copy_whole(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, draft)
    draft.replace(target)


def _copy_range(path: Path, start: int, stop: int, write: Callable[[bytes], int]) -> int:
    """Copy part of a file in steps of 1 MiB and return the number of bytes."""
    with path.open("rb") as stream:
        stream.seek(start)
        left = stop - start
        while left:
            block = stream.read(min(COPY_BYTES, left))
            if not block:
                raise Corrupt(f"{path.name} is shorter than recorded", hint="restore it")
            write(block)
            left -= len(block)
    return stop - start


def _root_mark(root: str) -> str:
    return f"-{hashlib.sha256(root.encode()).hexdigest()[:8]}" if root else ""
