"""Pictures of light from all around: Radiance HDR and OpenEXR, told by their headers.

Radiance: Ward, "Real pixels", Graphics Gems II. OpenEXR: the file layout of its technical document.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import IO, Any, Final

from matteweb.errors import BadInput

LIGHT_ENDINGS: Final = frozenset({".hdr", ".exr"})
LONGEST_SIDE: Final = 8192
_HEADER_BYTES = 64 * 1024
_MOST_ATTRIBUTES = 256
_EXR_MAGIC = b"\x76\x2f\x31\x01"
_EXR_DEEP_OR_PARTS = 0x1800
_RADIANCE_SIZE = re.compile(rb"-Y (\d{1,6}) \+X (\d{1,6})\n")
_RUN = 127


def survey_light(path: Path, filename: str) -> dict[str, Any]:
    """Return what the header says. Raises BadInput for anything that is no such picture, has not
    twice its height in width, is too large, or is shorter than its size allows."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start == _EXR_MAGIC:
            width, height = _exr_size(file, filename)
            codec, least = "OpenEXR", 8 * height
        elif start[:2] == b"#?":
            width, height, least = _radiance_size(file, filename)
            codec = "Radiance HDR"
        else:
            raise BadInput(
                f"{filename} is neither Radiance HDR nor OpenEXR",
                hint="save it again as .hdr or .exr",
            )
    _require_shape(filename, width, height)
    if path.stat().st_size < least:
        raise BadInput(
            f"{filename} ends early: {width} x {height} pixels take more bytes than it has",
            hint="fetch it again",
        )
    return {"codec": codec, "pixels": f"{width} x {height}"}


def _require_shape(filename: str, width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE:
        raise BadInput(
            f"{filename} has {width} x {height} pixels; here a side may have {LONGEST_SIDE}",
            hint="a version 4096 pixels wide lights a scene as well",
        )
    if min(width, height) < 2 or not 1.9 <= width / height <= 2.1:
        raise BadInput(
            f"{filename} has {width} x {height} pixels; all around is twice as wide as high",
            hint="save it in latitude-longitude form",
        )


def _radiance_size(file: IO[bytes], filename: str) -> tuple[int, int, int]:
    """Return width, height and the fewest bytes that such a file can have."""
    head = file.read(_HEADER_BYTES)
    words, blank, rest = head.partition(b"\n\n")
    found = _RADIANCE_SIZE.match(rest)
    if not blank or found is None or b"FORMAT=32-bit_rle_rgbe" not in words:
        raise BadInput(
            f"{filename} has no header of a Radiance picture that is read here",
            hint="save it again as .hdr (RGBE, top row first)",
        )
    height, width = int(found[1]), int(found[2])
    # Each row begins with 4 bytes; then each of 4 planes takes 2 bytes for up to 127 pixels.
    row = 4 + 8 * -(-width // _RUN) if 8 <= width < 2**15 else 4
    return width, height, len(words) + 2 + found.end() + height * row


def _exr_size(file: IO[bytes], filename: str) -> tuple[int, int]:
    """Read the attributes up to the one that says the picture's window."""
    broken = BadInput(f"{filename} has a broken OpenEXR header", hint="fetch it again")
    _, flags = struct.unpack("<II", file.read(8).ljust(8, b"\0"))
    if flags & _EXR_DEEP_OR_PARTS:
        raise BadInput(
            f"{filename} has several parts or deep pixels", hint="save it as one flat picture"
        )
    for _ in range(_MOST_ATTRIBUTES):
        name, kind = _word(file), _word(file)
        size = int.from_bytes(file.read(4), "little")
        if not name or size > _HEADER_BYTES:
            raise broken
        value = file.read(size)
        if name == b"dataWindow" and kind == b"box2i" and len(value) == 16:
            left, top, right, bottom = struct.unpack("<4i", value)
            return right - left + 1, bottom - top + 1
    raise broken


def _word(file: IO[bytes]) -> bytes:
    found = bytearray()
    while len(found) < 256 and (byte := file.read(1)) not in {b"", b"\0"}:
        found += byte
    return bytes(found)
