"""The Range header of HTTP, for one range of bytes. Source: RFC 9110, section 14."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
_LONGEST_NUMBER = 19  # digits: beyond any file, and short enough to convert at once


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes ``start`` to ``stop`` (exclusive), never empty."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """The header is well formed, but no byte of the file lies in its range: HTTP 416."""


def parse_range(header: str, size: int) -> ByteRange | None:
    """Return the one range that ``header`` asks for, cut to a file of ``size`` bytes.

    None means: send everything. So it is for no header, another unit, a malformed header, and
    several ranges at once, which a server may ignore. Raises Unsatisfiable.
    """
    found = _SINGLE.fullmatch(header)
    if not found or found.group(1) == found.group(2) == "":
        return None
    first, last = found.groups()
    if max(len(first), len(last)) > _LONGEST_NUMBER:
        return None
    if first == "":
        start, stop = max(size - int(last), 0), size
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        stop = min(int(last) + 1, size) if last else size
    if start >= stop:
        raise Unsatisfiable
    return ByteRange(start, stop)
