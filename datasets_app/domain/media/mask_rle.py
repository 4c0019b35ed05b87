"""Masks as runs, column by column, in the text form that COCO and SA-V files hold.

Runs alternate between outside and inside, beginning outside. In the text each run after the third
is the difference to the one two before it, in groups of five bits, lowest first, each offset by 48;
bit 6 says that more follow. Source: the definition of the COCO mask format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from matteweb.errors import BadInput

_OFFSET: Final = 48
_MOST_PIXELS: Final = 1 << 28


def encode_rle(mask: GrayFrame) -> dict[str, Any]:
    """Return {"size": [height, width], "counts": text}; whatever is not 0 is inside."""
    flat = (mask != 0).ravel(order="F")
    edges = np.flatnonzero(np.diff(flat.astype(np.int8), prepend=0, append=0))
    bounds = np.concatenate([[0], edges, [flat.size]]) if flat.size else np.array([0, 0])
    if flat.size and flat[-1]:
        bounds = bounds[:-1]
    runs = np.diff(bounds)
    return {"size": [int(mask.shape[0]), int(mask.shape[1])], "counts": _text(runs.tolist())}


def decode_rle(plain: Mapping[str, Any], *, where: str = "a mask") -> GrayFrame:
    """Return {0, 255} of a mask whose counts are text or a list of numbers. Raises BadInput."""
    size = rle_size(plain, where=where)
    counts = plain.get("counts")
    if isinstance(counts, str):
        runs = list(_runs(counts, where))
    elif isinstance(counts, list) and all(isinstance(one, int) for one in counts):
        runs = counts
    else:
        raise BadInput(f"{where} has no runs", hint="expected counts as text or numbers")
    if any(run < 0 for run in runs) or sum(runs) != size.width * size.height:
        raise BadInput(
            f"{where} has runs of {sum(runs)} pixels, its size is {size}", hint="export it again"
        )
    values = np.zeros(len(runs), np.uint8)
    values[1::2] = 255
    flat = np.repeat(values, runs)
    return np.ascontiguousarray(flat.reshape((size.height, size.width), order="F"))


def rle_size(plain: Mapping[str, Any], *, where: str) -> FrameSize:
    """Return the size that a mask states. Raises BadInput."""
    size = plain.get("size")
    if not (isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) for n in size)):
        raise BadInput(f"{where} has no size", hint="expected [height, width]")
    height, width = size
    if height < 1 or width < 1 or height * width > _MOST_PIXELS:
        raise BadInput(f"{where} claims to be {width}x{height}")
    return FrameSize(width, height)


def _text(runs: list[int]) -> str:
    out: list[str] = []
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            part = value & 0x1F
            value >>= 5
            more = value != (-1 if part & 0x10 else 0)
            out.append(chr((part | 0x20 if more else part) + _OFFSET))
    return "".join(out)


def _runs(text: str, where: str) -> Iterator[int]:
    found: list[int] = []
    value = shift = 0
    for char in text:
        part = ord(char) - _OFFSET
        if not 0 <= part < 64 or shift > 60:
            raise BadInput(f"{where} has runs that cannot be read", hint="export it again")
        value |= (part & 0x1F) << shift
        shift += 5
        if part & 0x20:
            continue
        if part & 0x10:
            value -= 1 << shift
        if len(found) > 2:
            value += found[-2]
        found.append(value)
        yield value
        value = shift = 0
    if shift:
        raise BadInput(f"the runs of {where} break off", hint="copy the file again")
