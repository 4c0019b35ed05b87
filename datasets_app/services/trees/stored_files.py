"""Stored files laid out under the names that they came with, for a tree that is to be written."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.progress import ShouldStop
from datasets_app.models import Blob
from datasets_app.services.blobs import blob_path
from matteweb.errors import BadInput, Cancelled


@dataclass(slots=True)
class StoredFiles:
    """What was laid out so far. ``bytes``: of all files, packed pictures counted as they are
    unpacked. ``packed``: folder -> its ZIP, whose pictures come with `unpack` and not before, so
    that room for them can be asked for first; ``unpacked_bytes`` is what they take."""

    bytes: int = 0
    unpacked_bytes: int = 0
    packed: dict[Path, Path] = field(default_factory=dict)

    def lay(self, blob: Blob | None, filename: str, folder: Path) -> Path:
        """Return a stored file under its own name inside the new ``folder``; what was packed of
        pictures, as a folder of them, empty for now. Raises BadInput for what was never stored."""
        if blob is None:
            raise BadInput(f"{filename} was never stored", hint="bring it in again")
        folder.mkdir(parents=True)
        if not filename.lower().endswith(".zip"):
            (folder / filename).symlink_to(blob_path(blob))
            self.bytes += blob.size
            return folder / filename
        inside = folder / Path(filename).stem
        inside.mkdir()
        with zipfile.ZipFile(blob_path(blob)) as archive:
            size = sum(entry.file_size for entry in _pictures(archive))
        self.packed[inside] = blob_path(blob)
        self.bytes += size
        self.unpacked_bytes += size
        return inside

    def add(self, other: StoredFiles) -> None:
        """Take over what another laid out."""
        self.bytes += other.bytes
        self.unpacked_bytes += other.unpacked_bytes
        self.packed |= other.packed

    def unpack(self, should_stop: ShouldStop) -> None:
        """Write the pictures of every ZIP. Raises Cancelled."""
        for folder, path in self.packed.items():
            with zipfile.ZipFile(path) as archive:
                for entry in _pictures(archive):
                    if should_stop():
                        raise Cancelled("the export was stopped")
                    (folder / Path(entry.filename).name).write_bytes(archive.read(entry))


def _pictures(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [entry for entry in archive.infolist() if is_picture_name(entry.filename)]
