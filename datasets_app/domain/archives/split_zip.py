"""A ZIP that was cut into parts, put together again: ``x.z01, x.z02, ..., x.zip`` as Info-ZIP
writes them, or ``x.zip.001, x.zip.002, ...`` as any cutter does.

The first kind counts offsets within each part, so that the directory has to be written anew; the
second is one file after the other. Source: APPNOTE.TXT of the ZIP format, sections 4.3 and 8.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from datasets_app.domain.progress import ShouldStop, never_stop
from matteweb.errors import BadInput, Cancelled

_NUMBERED: Final = re.compile(r"(?P<stem>.+\.zip)\.(?P<part>\d{2,4})", re.IGNORECASE)
_LETTERED: Final = re.compile(r"(?P<stem>.+\.zip)\.(?P<part>(?:part-?)?[a-z]{2})", re.IGNORECASE)
_DISK: Final = re.compile(r"(?P<stem>.+)\.z(?P<part>\d{2,3})", re.IGNORECASE)
_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_MOST_COMMENT: Final = 65_535
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_STEP: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SplitArchive:
    """One archive in parts, in their order. ``by_disk``: offsets count within each part."""

    name: str
    parts: tuple[Path, ...]
    by_disk: bool

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.stat().st_size for part in self.parts)


def split_archives(folder: Path) -> list[SplitArchive]:
    """Return the archives of which parts lie in ``folder``, by name.

    Raises BadInput for one of which a part is missing: numbers that do not follow each other, or
    no last part.
    """
    found: dict[tuple[str, bool], dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        for pattern, by_disk in ((_NUMBERED, False), (_LETTERED, False), (_DISK, True)):
            match = pattern.fullmatch(path.name)
            if match and path.is_file():
                found.setdefault((match["stem"], by_disk), {})[match["part"]] = path
                break
    return [
        _whole(stem, by_disk, parts, folder) for (stem, by_disk), parts in sorted(found.items())
    ]


def join_archive(
    archive: SplitArchive, target: Path, *, should_stop: ShouldStop = never_stop
) -> None:
    """Write the archive as one file that any reader of ZIP opens. Raises BadInput for parts that
    are not of one archive, Cancelled."""
    starts: list[int] = []
    with target.open("wb") as out:
        for part in archive.parts:
            starts.append(out.tell())
            with part.open("rb") as source:
                while piece := source.read(_STEP):
                    if should_stop():
                        raise Cancelled("joining was stopped")
                    out.write(piece)
    if archive.by_disk:
        _renumber(target, starts, archive.name)


def join_folder(folder: Path, target: Path, *, should_stop: ShouldStop = never_stop) -> list[Path]:
    """Join every split archive of ``folder`` into ``target``, a new folder; return the ZIPs."""
    target.mkdir(parents=True)
    made: list[Path] = []
    for archive in split_archives(folder):
        path = target / archive.name
        join_archive(archive, path, should_stop=should_stop)
        made.append(path)
    return made


def _whole(stem: str, by_disk: bool, parts: dict[str, Path], folder: Path) -> SplitArchive:
    numbers = [int(part) for part in parts if part.isdigit()]
    if numbers:
        first = min(1, min(numbers))
        missing = sorted(set(range(first, max(numbers) + 1)) - set(numbers))
        if missing:
            raise BadInput(
                f"part {missing[0]} of {stem} is missing", hint="download it again, beside the rest"
            )
    ordered = [parts[part] for part in sorted(parts, key=lambda one: (len(one), one))]
    if not by_disk:
        return SplitArchive(stem, tuple(ordered), by_disk=False)
    last = next((p for p in folder.iterdir() if p.name.lower() == f"{stem}.zip".lower()), None)
    if last is None:
        raise BadInput(
            f"the last part of {stem}, {stem}.zip, is missing", hint="download it beside the rest"
        )
    return SplitArchive(last.name, (*ordered, last), by_disk=True)


def _renumber(path: Path, starts: list[int], name: str) -> None:
    """Write the directory anew, with offsets in the joined file."""
    with path.open("r+b") as file:
        found = _directory(file, starts, name)
        file.seek(found.begin)
        rewritten, count = _entries(file.read(found.length), starts, name)
        if count != found.entries:
            raise BadInput(f"the directory of {name} has {count} of {found.entries} entries")
        file.seek(found.begin)
        file.truncate()
        file.write(rewritten)
        file.write(_end(found.begin, len(rewritten), count))


@dataclass(frozen=True, slots=True)
class _Directory:
    begin: int
    length: int
    entries: int


def _directory(file: BinaryIO, starts: list[int], name: str) -> _Directory:
    size = file.seek(0, 2)
    tail_at = file.seek(max(0, size - _END.size - _MOST_COMMENT))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise BadInput(f"{name} has no directory", hint="is its last part there, and whole?")
    _, _, disk, _, entries, length, offset, _ = _END.unpack_from(tail, at)
    if _FULL16 in (disk, entries) or _FULL32 in (length, offset):
        file.seek(tail_at + at - _LOCATOR.size)
        mark, end_disk, end_at, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
        if mark != b"PK\x06\x07":
            raise BadInput(f"{name} has a damaged directory", hint="download its last part again")
        file.seek(_absolute(starts, end_disk, end_at, name))
        mark, _, _, _, _, disk, _, entries, length, offset = _END64.unpack(file.read(_END64.size))
        if mark != b"PK\x06\x06":
            raise BadInput(f"{name} has a damaged directory", hint="download its last part again")
    begin = _absolute(starts, disk, offset, name)
    if begin + length > size:
        raise BadInput(f"the directory of {name} is cut off", hint="download its last part again")
    return _Directory(begin, length, entries)


def _entries(raw: bytes, starts: list[int], name: str) -> tuple[bytes, int]:
    """Return the directory with every entry on disk 0 and a 64-bit offset, and their number."""
    out, at, count = bytearray(), 0, 0
    while at < len(raw):
        if len(raw) - at < _ENTRY.size or raw[at : at + 4] != b"PK\x01\x02":
            raise BadInput(f"the directory of {name} is damaged at entry {count}")
        head = list(_ENTRY.unpack_from(raw, at))
        named, extra, comment = head[10], head[11], head[12]
        end = at + _ENTRY.size + named + extra + comment
        body = raw[at + _ENTRY.size : end]
        place = _Place.of(head, body[named : named + extra], name)
        kept, offset = place.rest, _absolute(starts, place.disk, place.offset, name)
        wide = struct.pack("<3Q", place.size, place.packed, offset)
        field = struct.pack("<2H", 1, len(wide)) + wide
        head[8], head[9], head[16] = _FULL32, _FULL32, _FULL32
        head[11], head[13] = len(field) + len(kept), 0
        out += _ENTRY.pack(*head) + body[:named] + field + kept + body[named + extra :]
        at, count = end, count + 1
    return bytes(out), count


@dataclass(frozen=True, slots=True)
class _Place:
    """Sizes and place of one entry, from its 64-bit field where it has one; ``rest`` is what else
    stands in its extra fields."""

    size: int
    packed: int
    offset: int
    disk: int
    rest: bytes

    @classmethod
    def of(cls, head: list[Any], extra: bytes, name: str) -> _Place:
        packed, size, disk, offset = head[8], head[9], head[13], head[16]
        rest, at = bytearray(), 0
        while at + 4 <= len(extra):
            kind, length = struct.unpack_from("<2H", extra, at)
            data = extra[at + 4 : at + 4 + length]
            if kind != 1:
                rest += extra[at : at + 4 + length]
            else:
                values = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
                try:
                    size = next(values) if size == _FULL32 else size
                    packed = next(values) if packed == _FULL32 else packed
                    offset = next(values) if offset == _FULL32 else offset
                except StopIteration:
                    raise BadInput(f"the directory of {name} is damaged") from None
                if disk == _FULL16:
                    (disk,) = struct.unpack("<L", data[-4:])
            at += 4 + length
        return cls(size, packed, offset, disk, bytes(rest))


def _absolute(starts: list[int], disk: int, offset: int, name: str) -> int:
    if disk >= len(starts):
        raise BadInput(f"{name} has {len(starts)} parts, its directory speaks of part {disk + 1}")
    return starts[disk] + offset


def _end(begin: int, length: int, count: int) -> bytes:
    end64 = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, begin)
    locator = _LOCATOR.pack(b"PK\x06\x07", 0, begin + length, 1)
    short = _END.pack(b"PK\x05\x06", 0, 0, _FULL16, _FULL16, _FULL32, _FULL32, 0)
    return end64 + locator + short
