"""The small stack that planners measure instead of the full mask.

Area averaging keeps means exact up to rounding: the coverage of a planning picture is that of
the frame, so that a placement can be accepted or rejected before anything is decoded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from numpy.lib import format as npy

from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack, frame_size
from matteweb.errors import BadInput, Corrupt

LONGEST_SIDE: Final = 96
_MEMBER: Final = "mask.npy"
# The earliest date a ZIP can hold, so that equal stacks are equal bytes.
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


def planning_size(size: FrameSize) -> FrameSize:
    """Return the size of the planning pictures of masks of ``size``."""
    return size.fitted(LONGEST_SIDE)


def planning_picture(mask: GrayFrame) -> GrayFrame:
    """Return one mask area-averaged to its planning size, 0..255."""
    size = planning_size(frame_size(mask))
    small = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return cast(GrayFrame, small)


class PlanningStackWriter:
    """Builds the stack frame by frame; holds only the compressed bytes."""

    def __init__(self, frames: int, size: FrameSize) -> None:
        """``frames``: how many masks will come, each of ``size``."""
        self._expected, self._seen, self._size = frames, 0, size
        self._out = BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        info = zipfile.ZipInfo(_MEMBER, _NO_DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._member = self._zip.open(info, "w", force_zip64=True)
        small = planning_size(size)
        npy.write_array_header_1_0(
            self._member,
            {"descr": "|u1", "fortran_order": False, "shape": (frames, small.height, small.width)},
        )

    def add(self, mask: GrayFrame) -> None:
        """Append one mask at full size, 255 = object."""
        if frame_size(mask) != self._size:
            raise ValueError(f"mask {self._seen} is {frame_size(mask)}, not {self._size}")
        self._member.write(planning_picture(mask).tobytes())
        self._seen += 1

    def result(self) -> bytes:
        """Return the npz. Raises BadInput when another number of masks came than announced."""
        self._member.close()
        self._zip.close()
        if self._seen != self._expected:
            raise BadInput(f"{self._seen} masks came where {self._expected} were announced")
        return self._out.getvalue()


def planning_stack(masks: Iterable[GrayFrame], frames: int, size: FrameSize) -> bytes:
    """Return the npz of ``frames`` masks of ``size``; same masks, same bytes."""
    writer = PlanningStackWriter(frames, size)
    for mask in masks:
        writer.add(mask)
    return writer.result()


def read_planning_stack(path: Path) -> GrayStack:
    """Return the stack (N, h, w) uint8. Raises Corrupt when the file is no planning stack."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            stack = stored["mask"]
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Corrupt(f"{path.name} is no planning stack", hint="ingest the mask again") from error
    if stack.dtype != np.uint8 or stack.ndim != 3:
        raise Corrupt(f"{path.name} holds {stack.dtype} {stack.shape}, not uint8 (N, h, w)")
    return cast(GrayStack, stack)
