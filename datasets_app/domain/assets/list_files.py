"""The list files of the HIM sets: one entry a line, as they were published.

``fg_train.txt``, ``fg_test.txt``, ``bg_train.txt`` and ``bg_test.txt`` choose and split by path;
``invalid_him.txt`` names pictures that are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from matteweb.errors import NotFound


@dataclass(frozen=True, slots=True)
class ListKind:
    """What a list says of its entries: a side for foregrounds or backgrounds, or left out."""

    foreground: bool
    split: str
    excludes: bool = False


LISTS: Final[Mapping[str, ListKind]] = {
    "fg_train.txt": ListKind(True, "train"),
    "fg_test.txt": ListKind(True, "test"),
    "bg_train.txt": ListKind(False, "train"),
    "bg_test.txt": ListKind(False, "test"),
    "invalid_him.txt": ListKind(True, "", excludes=True),
}


@dataclass(frozen=True, slots=True)
class Matched:
    """``found``: entry -> key of what it names. ``missing``: entries that name nothing here.
    ``extra``: keys that no entry names."""

    found: dict[str, int]
    missing: tuple[str, ...]
    extra: tuple[int, ...]


def list_kind(name: str) -> ListKind:
    """Return what the list called ``name`` means. Raises NotFound for another name."""
    kind = LISTS.get(name)
    if kind is None:
        raise NotFound(f"there is no list {name!r}", hint=f"known: {', '.join(LISTS)}")
    return kind


def parse_list(data: bytes) -> tuple[str, ...]:
    """Return the entries, each once, without blank lines."""
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def write_list(entries: Iterable[str]) -> bytes:
    """Return the list of ``entries``, sorted, one a line."""
    return "".join(f"{entry}\n" for entry in sorted(entries)).encode()


def match_list(entries: Iterable[str], keys: Mapping[str, int]) -> Matched:
    """Match entries with what is there, ``keys`` being path -> key: by the whole path, else by the
    file name when exactly one path ends in it."""
    by_name: dict[str, list[int]] = {}
    for path, key in keys.items():
        by_name.setdefault(PurePosixPath(path).name, []).append(key)
    found: dict[str, int] = {}
    missing: list[str] = []
    for entry in entries:
        alike = by_name.get(PurePosixPath(entry).name, [])
        if entry in keys:
            found[entry] = keys[entry]
        elif len(alike) == 1:
            found[entry] = alike[0]
        else:
            missing.append(entry)
    named = set(found.values())
    return Matched(found, tuple(missing), tuple(key for key in keys.values() if key not in named))
