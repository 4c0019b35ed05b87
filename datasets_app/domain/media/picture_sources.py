"""Where the pictures of a sequence lie: a folder, or a ZIP that is read without being unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol, Self

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_file import is_picture
from matteweb.errors import BadInput, NotFound, Unsupported

PICTURE_ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})

_MAX_ENTRY_BYTES: Final = 512 << 20
# Pictures are compressed already: what unpacks to so much more than it weighs is no footage.
_MAX_RATIO: Final = 100
_RATIO_FREE_BYTES: Final = 1 << 30
_ENCRYPTED: Final = 0x1
_END_RECORD: Final = b"PK\x05\x06"
_END_RECORD_BYTES: Final = 22
_MAX_COMMENT: Final = 65535
_ZIP64_MARK: Final = 0xFFFF
_DIRECTORY_ENTRY_BYTES: Final = 512


class PictureSource(Protocol):
    """Named pictures, opened one at a time."""

    def names(self) -> list[str]:
        """Return the paths of all pictures inside, in no particular order."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Return one picture as a seekable file, to be closed by the caller."""
        ...

    def close(self) -> None:
        """Let go of the folder or archive."""
        ...


def picture_source(path: Path, limits: Limits, name: str = "") -> PictureSource:
    """Open a folder, a ZIP or one picture, which messages call ``name``.

    Raises NotFound, and BadInput for anything else.
    """
    name = name or path.name
    if path.is_dir():
        return FolderPictures(path)
    if not path.is_file():
        raise NotFound(f"there is no file or folder {name}")
    return OnePicture(path, name) if is_picture(path) else ZipPictures(path, limits, name)


def is_picture_name(name: str) -> bool:
    """Whether a path inside is meant as a picture; leftovers of file managers are not."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and PurePosixPath(name).suffix.lower() in PICTURE_ENDINGS


class FolderPictures:
    """The pictures directly inside a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the file names of the pictures."""
        found = (entry for entry in self._folder.iterdir() if entry.is_file())
        return [entry.name for entry in found if is_picture_name(entry.name)]

    def open(self, name: str) -> IO[bytes]:
        """Open one of them."""
        return (self._folder / name).open("rb")

    def close(self) -> None:
        """Nothing is held."""


class OnePicture:
    """A single picture: a sequence of one."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name

    def names(self) -> list[str]:
        """Return its name."""
        return [self._name]

    def open(self, name: str) -> IO[bytes]:
        """Open it."""
        return self._path.open("rb")

    def close(self) -> None:
        """Nothing is held."""


class ZipPictures:
    """The pictures inside a ZIP, wherever in it they lie. Nothing is written to disk."""

    def __init__(self, path: Path, limits: Limits, name: str) -> None:
        """Open and judge the directory. Raises BadInput or Unsupported, naming the entry."""
        _refuse_huge_directory(path, limits.max_frames, name)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise BadInput(
                f"{name} is not a ZIP that can be read: {error}",
                hint="pack the pictures again",
            ) from error
        try:
            self._entries = _judged(self._zip, path, name)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> list[str]:
        """Return the paths of the pictures inside."""
        return list(self._entries)

    def open(self, name: str) -> IO[bytes]:
        """Unpack one picture into memory, never more of it than its entry announces."""
        entry = self._entries[name]
        try:
            with self._zip.open(entry) as packed:
                data = packed.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
            raise BadInput(
                f"{name} inside the ZIP is damaged: {error}", hint="pack it again"
            ) from (error)
        if len(data) != entry.file_size:
            raise BadInput(f"{name} inside the ZIP has another length than announced")
        return BytesIO(data)

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()


def _judged(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for entry in archive.infolist():
        _refuse_hostile(entry)
        total += entry.file_size
        if entry.is_dir() or not is_picture_name(entry.filename):
            continue
        if entry.filename in entries:
            raise BadInput(f"{name} holds {entry.filename} twice")
        entries[entry.filename] = entry
    if total > _RATIO_FREE_BYTES and total > _MAX_RATIO * path.stat().st_size:
        raise BadInput(
            f"{name} would unpack to {total >> 20} MiB, more than {_MAX_RATIO} times its size",
            hint="pack pictures, not archives or raw data",
        )
    return entries


def _refuse_hostile(entry: zipfile.ZipInfo) -> None:
    # The original name: zipfile has already cut the readable one at a zero byte.
    name = entry.orig_filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    drive = len(name) > 1 and name[1] == ":"
    if "\0" in name or ".." in parts or name.startswith(("/", "\\")) or drive:
        raise BadInput(
            f"the ZIP has an entry outside of itself: {name!r}", hint="pack the folder's contents"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadInput(f"{name} is a link inside the ZIP", hint="pack the pictures themselves")
    if entry.flag_bits & _ENCRYPTED:
        raise Unsupported(f"{name} is encrypted", hint="pack without a password")
    if entry.file_size > _MAX_ENTRY_BYTES:
        raise BadInput(
            f"{name} would unpack to {entry.file_size >> 20} MiB, more than a picture takes"
        )


def _refuse_huge_directory(path: Path, most: int, name: str) -> None:
    """Look at the end record alone, since opening a ZIP reads its whole directory into memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_RECORD_BYTES - _MAX_COMMENT))
        tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) < at + _END_RECORD_BYTES:
        raise BadInput(f"{name} is not a ZIP, or was cut off", hint="pack the pictures again")
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    # ZIP64 moves the true numbers elsewhere; its directory lies before the end record anyway.
    if count == _ZIP64_MARK or directory == 0xFFFFFFFF:
        count, directory = _zip64_numbers(path, tail, at, name)
    if count > most or directory > most * _DIRECTORY_ENTRY_BYTES:
        raise BadInput(
            f"{name} has {count} entries, more than {most}",
            hint="cut the sequence into shorter ones",
        )


def _zip64_numbers(path: Path, tail: bytes, at: int, name: str) -> tuple[int, int]:
    locator = tail[at - 20 : at] if at >= 20 else b""
    if locator[:4] != b"PK\x06\x07":
        return struct.unpack_from("<HI", tail, at + 10)
    (record_at,) = struct.unpack_from("<Q", locator, 8)
    with path.open("rb") as file:
        file.seek(record_at)
        record = file.read(56)
    if record[:4] != b"PK\x06\x06" or len(record) < 56:
        raise BadInput(f"{name} has a damaged ZIP directory", hint="pack the pictures again")
    count, directory = struct.unpack_from("<QQ", record, 32)
    return count, directory
