"""A frozen bundle as a ZIP that nobody has to build, or as a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.archives.virtual_zip import ZipEntry, ZipLayout, zip_layout
from datasets_app.domain.bundles.export_note import Form
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.folder_export import write_folder
from datasets_app.domain.bundles.manifest import Manifest, read_manifest
from datasets_app.domain.bundles.variants import write_variant
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.models import Blob, Bundle
from datasets_app.models.bundle import BundleState
from datasets_app.services.blobs import blob_locator, blob_path
from datasets_app.services.space import space_require_at
from matteweb.errors import Cancelled, Conflict, Corrupt

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
    form: Form | None = None,
    fps: Fraction | None = None,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> None:
    """Write the seed's tree into ``folder``; a broken export goes on where it stopped.

    ``form`` and ``fps`` ask for other streams than the frozen ones: lossless masters, another rate
    for the same frames; such an export begins anew. Raises what ``write_folder`` and
    ``write_variant`` raise, and NoSpace.
    """
    manifest = bundle_manifest(bundle)
    files = bundle_files(manifest, root=root)
    space_require_at(folder, sum(file.size for file in files), purpose=str(folder))
    locate = blob_locator(Blob.objects.filter(pk__in=_digests(manifest)))
    if form or fps:
        write_variant(
            manifest,
            folder,
            locate,
            form=form or "mp4",
            fps=fps,
            root=root,
            progress=progress,
            should_stop=should_stop,
        )
    else:
        write_folder(files, folder, locate, progress=progress, should_stop=should_stop)


def _digests(manifest: Manifest) -> set[str]:
    parts = [part for sample in manifest.samples for part in (*sample.streams, *sample.masters)]
    return {part.sha256 for part in parts}


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
