"""Names that every file system and archive takes, made of names that people gave."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

_REFUSED: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
)
_LONGEST: Final = 120
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# Room for an ending and a number in the 255 bytes that file systems take.
_LONGEST_PART: Final = 230


def stays_inside(path: str) -> bool:
    """Whether a path that somebody wrote names something below the folder that it is relative to,
    in words that a file system takes."""
    plain = path.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    return (
        not plain.startswith("/")
        and ".." not in parts
        and not _CONTROL.search(plain)
        and all(len(part.encode()) <= _LONGEST_PART for part in parts)
    )


def portable_file(name: str, taken: tuple[str, set[str]]) -> str:
    """Return ``name`` as a file name that Windows, macOS and Linux take, unlike all before it.

    Letters of every script stay; what a system refuses becomes "-". ``taken``: the folder, and the
    names given so far, which grows.
    """
    folder, known = taken
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    suffix = _REFUSED.sub("-", path.suffix)
    stem = _REFUSED.sub("-", path.name.removesuffix(path.suffix)).strip(" .") or "picture"
    if stem.split(".")[0].casefold() in _DEVICES:
        stem += "-"
    stem = stem[: _LONGEST - len(suffix)]
    wanted, number = f"{stem}{suffix}", 1
    while f"{folder}/{wanted}".casefold() in known:
        number += 1
        wanted = f"{stem}-{number}{suffix}"
    known.add(f"{folder}/{wanted}".casefold())
    return wanted
