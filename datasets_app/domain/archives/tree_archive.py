"""A whole folder tree in one ZIP: recognised by its names, and unpacked without trusting them."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from datasets_app.domain.captions import VIDEO_SUFFIXES
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import BadInput, Cancelled, Unsupported

_LISTS: Final = frozenset({".json", ".xml"})
_PIECE_BYTES: Final = 1 << 20
_MOST_ENTRIES: Final = 500_000
_ENCRYPTED: Final = 0x1
# Footage is compressed already: what unpacks to so much more than it weighs is none.
_MAX_RATIO: Final = 100
_RATIO_FREE_BYTES: Final = 1 << 30


def holds_tree(path: Path) -> bool:
    """Whether a ZIP is more than one sequence of pictures: videos, lists or annotations lie in it,
    or pictures in more than one folder. False for what is no ZIP: its own reader says so better.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(entry.filename) for entry in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    shown = [name for name in names if not _is_clutter(name)]
    if any(name.suffix.lower() in VIDEO_SUFFIXES | _LISTS for name in shown):
        return True
    return len({name.parent for name in shown if is_picture_name(str(name))}) > 1


def unpacked_bytes(path: Path, *, name: str) -> int:
    """Return how many bytes the tree takes, as its directory announces.

    Raises BadInput or Unsupported, naming the entry, for one that is not to be unpacked.
    """
    with _opened(path, name) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise BadInput(
                f"{name} has {len(entries)} entries, more than {_MOST_ENTRIES}",
                hint="cut the tree into several",
            )
        for entry in entries:
            _refuse_hostile(entry, name)
        total = sum(entry.file_size for entry in entries)
    if total > _RATIO_FREE_BYTES and total > _MAX_RATIO * path.stat().st_size:
        raise BadInput(
            f"{name} would unpack to {total >> 20} MiB, more than {_MAX_RATIO} times its size",
            hint="pack videos and pictures, nothing else",
        )
    return total


def unpack_tree(
    path: Path,
    folder: Path,
    *,
    name: str,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> None:
    """Write the tree into the empty ``folder``; progress counts entries.

    Raises as `unpacked_bytes`, BadInput for a damaged entry, Cancelled.
    """
    unpacked_bytes(path, name=name)
    with _opened(path, name) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for number, entry in enumerate(entries, 1):
            if not _is_clutter(PurePosixPath(entry.filename)):
                _unpack(archive, entry, folder, should_stop)
            progress(number, len(entries))


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadInput(
            f"{name} is not a ZIP that can be read: {error}", hint="pack it again"
        ) from error


def _unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, should_stop: ShouldStop
) -> None:
    target = folder.joinpath(*PurePosixPath(entry.filename).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    try:
        with archive.open(entry) as packed, target.open("xb") as out:
            while piece := packed.read(_PIECE_BYTES):
                if should_stop():
                    raise Cancelled("unpacking was stopped")
                written += len(piece)
                if written > entry.file_size:
                    raise BadInput(f"{entry.filename} inside the ZIP is longer than announced")
                out.write(piece)
    except FileExistsError:
        raise BadInput(
            f"the ZIP holds {entry.filename} twice", hint="pack the folder again"
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadInput(
            f"{entry.filename} inside the ZIP is damaged: {error}", hint="pack it again"
        ) from error


def _refuse_hostile(entry: zipfile.ZipInfo, name: str) -> None:
    # The original name: zipfile has already cut the readable one at a zero byte.
    raw = entry.orig_filename
    parts = PurePosixPath(raw.replace("\\", "/")).parts
    drive = len(raw) > 1 and raw[1] == ":"
    if "\0" in raw or ".." in parts or raw.startswith(("/", "\\")) or drive:
        raise BadInput(
            f"{name} has an entry outside of itself: {raw!r}", hint="pack the folder's contents"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadInput(f"{raw} is a link inside {name}", hint="pack the files themselves")
    if entry.flag_bits & _ENCRYPTED:
        raise Unsupported(f"{raw} inside {name} is encrypted", hint="pack without a password")


def _is_clutter(name: PurePosixPath) -> bool:
    hidden = {"__macosx", "thumbs.db", "desktop.ini"}
    return any(part.startswith(".") or part.lower() in hidden for part in name.parts)
