"""An export to be verified, whether it lies in a folder or in a ZIP."""

from __future__ import annotations

import zipfile
import zlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from datasets_app.domain.bundles.manifest import MANIFEST_PATH
from matteweb.errors import BadInput, Corrupt, NotFound

_STEP = 1 << 20
# What zipfile raises for damaged, encrypted and unknown entries.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError)


class ExportTree(Protocol):
    """Paths relative to the folder in which ``manifest.json`` lies, with their sizes."""

    sizes: dict[str, int]

    @abstractmethod
    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of one file in parts. Raises Corrupt when it cannot be read."""

    @abstractmethod
    def place(self, path: str, work: Path) -> Path:
        """Return where a file or folder of the export can be read by path; ``work`` is a folder
        for copies."""


class FolderTree:
    """An export in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.sizes = {
            path.relative_to(root).as_posix(): path.stat().st_size
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            with (self._root / path).open("rb") as file:
                while data := file.read(_STEP):
                    yield data
        except OSError as error:
            raise Corrupt(f"{path} cannot be read: {error.strerror}") from error

    def place(self, path: str, work: Path) -> Path:
        return self._root / path


class ZipTree:
    """An export in a ZIP. Raises BadInput when names repeat or leave the archive."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        twice = [path for path, n in Counter(e.filename for e in entries).items() if n > 1]
        if twice:
            raise BadInput(f"{name} holds {twice[0]} twice", hint="download it again")
        self._top = _top_folder([entry.filename for entry in entries])
        self.sizes = {entry.filename[len(self._top) :]: entry.file_size for entry in entries}

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._top + path) as file:
                while data := file.read(_STEP):
                    yield data
        except _UNREADABLE as error:
            raise Corrupt(f"{path} cannot be read from the ZIP: {error}") from error

    def place(self, path: str, work: Path) -> Path:
        inside = [name for name in self.sizes if name == path or name.startswith(f"{path}/")]
        for name in inside:
            if ".." in PurePosixPath(name).parts or name.startswith("/"):
                raise BadInput(f"{name!r} leads out of the archive")
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                for data in self.chunks(name):
                    out.write(data)
        return work / path


def _top_folder(names: list[str]) -> str:
    """Return the folder that archivers put around everything, with a slash, or ""."""
    found = [name for name in names if PurePosixPath(name).name == MANIFEST_PATH]
    depth = min((name.count("/") for name in found), default=0)
    if depth != 1 or MANIFEST_PATH in names:
        return ""
    top = next(name for name in found if name.count("/") == 1)[: -len(MANIFEST_PATH)]
    return top if all(name.startswith(top) for name in names) else ""


@contextmanager
def opened_export(path: Path) -> Iterator[ExportTree]:
    """Open a folder or a ZIP. Raises NotFound, or BadInput when it is neither."""
    if path.is_dir():
        yield FolderTree(path)
        return
    if not path.is_file():
        raise NotFound(f"there is no folder or file {path}")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(
            f"{path.name} is not a ZIP that can be read: {error}",
            hint="download it again; a cut download can be resumed",
        ) from error
    with archive:
        yield ZipTree(archive, path.name)
