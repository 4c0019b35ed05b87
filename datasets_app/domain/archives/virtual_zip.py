"""A stored ZIP64 that exists only as arithmetic.

Size and crc32 of every entry are known, so the place and value of every byte are known too: the
archive has an exact length and can be read from any offset, with no temporary file. Source: PKWARE
APPNOTE 6.3.9, sections 4.3 (records), 4.4.4 bit 11 (UTF-8 names), 4.5.3 (ZIP64 extra field).
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from matteweb.errors import BadInput

_LIMIT_32 = 0xFFFFFFFF
_LIMIT_16 = 0xFFFF
_UTF8_NAMES = 0x0800
_STORED = 0
_NEEDS_ZIP64 = 45
_NEEDS_FOLDERS = 20
_MADE_ON_UNIX = (3 << 8) | _NEEDS_ZIP64
_ORDINARY_FILE = 0o100644 << 16
_TIME, _DATE = 0, (1 << 5) | 1  # 1980-01-01 00:00, the earliest that the format knows

_NEVER_IN_A_NAME = re.compile(r"[\\\x00\ud800-\udfff]")  # surrogates have no UTF-8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_EXTRA_HEADER = struct.Struct("<2H")
_LOCAL_EXTRA_BYTES = 20


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file: its path with "/" inside the archive, size in bytes, unsigned crc32.

    ``source`` names the bytes for whoever reads the segments, or is the bytes of a small file; the
    name does not enter the archive.
    """

    name: str
    size: int
    crc32: int
    source: str | bytes


@dataclass(frozen=True, slots=True)
class FileSlice:
    """The bytes ``start`` to ``stop`` (exclusive) of what ``source`` names."""

    source: str
    start: int
    stop: int


Segment = bytes | FileSlice


class ZipLayout:
    """Where every byte of the archive comes from. Made by ``zip_layout``; holds no file bytes."""

    def __init__(self, entries: tuple[ZipEntry, ...]) -> None:
        self.entries = entries
        self._starts = array("Q", [0])
        for entry in entries:
            self._starts.append(self._starts[-1] + _local_length(entry) + entry.size)
        self._central = array("Q", [self._starts[-1]])
        for index in range(len(entries)):
            self._central.append(self._central[-1] + len(self._central_record(index)))
        self._end = self._end_records()
        self.size = self._central[-1] + len(self._end)

    def segments(self, start: int = 0, stop: int | None = None) -> Iterator[Segment]:
        """Yield what lies from byte ``start`` to ``stop`` (exclusive; None = the end), in order.

        The cost of the first segment does not depend on ``start``. Raises ValueError for a range
        outside the archive.
        """
        stop = self.size if stop is None else stop
        if not 0 <= start <= stop <= self.size:
            raise ValueError(f"bytes {start} to {stop} of an archive of {self.size}")
        for begin, piece in self._pieces(start):
            if begin >= stop:
                return
            length = len(piece) if isinstance(piece, bytes) else piece.stop
            first, last = max(start - begin, 0), min(stop - begin, length)
            if first >= last:
                continue
            if isinstance(piece, bytes):
                yield piece[first:last]
            else:
                yield FileSlice(piece.source, first, last)

    def _pieces(self, start: int) -> Iterator[tuple[int, Segment]]:
        """Yield (offset, piece) from the entry or record that contains ``start`` onwards."""
        count = len(self.entries)
        for index in range(bisect_right(self._starts, start) - 1, count):
            entry = self.entries[index]
            begin = self._starts[index]
            yield begin, _local_record(entry)
            source = entry.source
            inside = source if isinstance(source, bytes) else FileSlice(source, 0, entry.size)
            yield begin + _local_length(entry), inside
        for index in range(max(bisect_right(self._central, start) - 1, 0), count):
            yield self._central[index], self._central_record(index)
        yield self._central[-1], self._end

    def _central_record(self, index: int) -> bytes:
        entry, offset = self.entries[index], self._starts[index]
        name = entry.name.encode()
        size, extra = entry.size, b""
        if entry.size >= _LIMIT_32:
            size, extra = _LIMIT_32, struct.pack("<2Q", entry.size, entry.size)
        if offset >= _LIMIT_32:
            extra += struct.pack("<Q", offset)
            offset = _LIMIT_32
        if extra:
            extra = _EXTRA_HEADER.pack(1, len(extra)) + extra
        record = _CENTRAL.pack(
            b"PK\x01\x02",
            _MADE_ON_UNIX,
            _NEEDS_ZIP64 if extra else _NEEDS_FOLDERS,
            _UTF8_NAMES,
            _STORED,
            _TIME,
            _DATE,
            entry.crc32,
            size,
            size,
            len(name),
            len(extra),
            *(0, 0, 0),  # comment, disk, internal attributes
            _ORDINARY_FILE,
            offset,
        )
        return record + name + extra

    def _end_records(self) -> bytes:
        count, start, end = len(self.entries), self._central[0], self._central[-1]
        length = end - start
        large = count >= _LIMIT_16 or start >= _LIMIT_32 or length >= _LIMIT_32
        records = b""
        if large:
            records += _END_64.pack(
                b"PK\x06\x06",
                _END_64.size - 12,
                _MADE_ON_UNIX,
                _NEEDS_ZIP64,
                *(0, 0),
                *(count, count, length, start),
            )
            records += _LOCATOR_64.pack(b"PK\x06\x07", 0, end, 1)
        short = min(count, _LIMIT_16)
        return records + _END.pack(
            b"PK\x05\x06",
            *(0, 0),
            *(short, short),
            *(min(length, _LIMIT_32), min(start, _LIMIT_32)),
            0,
        )


def zip_layout(entries: Iterable[ZipEntry], *, first: str = "manifest.json") -> ZipLayout:
    """Return the archive of ``entries``: the same entries in any order give the same bytes.

    They are sorted by name, except that the one called ``first`` leads, so that a reader of the
    stream sees it at once. Raises BadInput for a name that would leave the folder, is too long or
    occurs twice, and for figures that no file can have.
    """
    ordered = list(entries)
    for entry in ordered:
        _check(entry)
    ordered.sort(key=lambda entry: (entry.name != first, entry.name.encode()))
    for before, entry in pairwise(ordered):
        if entry.name == before.name:
            raise BadInput(f"two files of the archive are called {entry.name!r}")
    return ZipLayout(tuple(ordered))


def _check(entry: ZipEntry) -> None:
    parts = entry.name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or _NEVER_IN_A_NAME.search(entry.name):
        raise BadInput(f"{entry.name!r} cannot be a path inside an archive")
    if len(entry.name.encode()) > _LIMIT_16:
        raise BadInput(f"the path {entry.name[:60]!r}… is too long for an archive")
    if entry.size < 0 or not 0 <= entry.crc32 <= _LIMIT_32:
        raise BadInput(f"{entry.name!r} has an impossible size or checksum")
    if isinstance(entry.source, bytes) and len(entry.source) != entry.size:
        raise BadInput(f"{entry.name!r} has {len(entry.source)} bytes, not {entry.size}")


def _contents(entry: ZipEntry) -> Segment:
    if isinstance(entry.source, bytes):
        return entry.source
    return FileSlice(entry.source, 0, entry.size)


def _local_length(entry: ZipEntry) -> int:
    extra = _LOCAL_EXTRA_BYTES if entry.size >= _LIMIT_32 else 0
    return _LOCAL.size + len(entry.name.encode()) + extra


def _local_record(entry: ZipEntry) -> bytes:
    name = entry.name.encode()
    size, extra = entry.size, b""
    if entry.size >= _LIMIT_32:
        size = _LIMIT_32
        extra = _EXTRA_HEADER.pack(1, 16) + struct.pack("<2Q", entry.size, entry.size)
    record = _LOCAL.pack(
        b"PK\x03\x04",
        _NEEDS_ZIP64 if extra else _NEEDS_FOLDERS,
        _UTF8_NAMES,
        _STORED,
        _TIME,
        _DATE,
        entry.crc32,
        size,
        size,
        len(name),
        len(extra),
    )
    return record + name + extra
