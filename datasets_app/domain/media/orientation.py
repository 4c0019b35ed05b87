"""How a stored frame is turned before it is shown: the eight turns of a display matrix."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

import av
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType

from matteweb.errors import Unsupported

S = TypeVar("S", np.uint8, np.uint16)


@dataclass(frozen=True, slots=True)
class Orientation:
    """Swap the axes if ``transpose``, then flip upside down and left to right."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @property
    def is_upright(self) -> bool:
        """Whether frames are shown as they are stored."""
        return not (self.transpose or self.flip_rows or self.flip_columns)

    @property
    def is_mirrored(self) -> bool:
        """Whether text would read backwards if the frame were only turned."""
        return self.transpose ^ self.flip_rows ^ self.flip_columns

    @property
    def degrees(self) -> int:
        """Counter-clockwise turn, 0, 90, 180 or 270, after mirroring left to right if any."""
        if self.transpose:
            return 270 if self.flip_columns else 90
        return 180 if self.flip_rows else 0

    def apply(self, array: npt.NDArray[S]) -> npt.NDArray[S]:
        """Return ``array`` (H, W) or (H, W, C) as it is shown, C-contiguous."""
        if self.is_upright:
            return array
        turned = array.swapaxes(0, 1) if self.transpose else array
        rows = slice(None, None, -1 if self.flip_rows else 1)
        columns = slice(None, None, -1 if self.flip_columns else 1)
        return np.ascontiguousarray(turned[rows, columns])


UPRIGHT = Orientation()


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Return the orientation that the container asks for.

    Raises Unsupported for angles that are no multiple of 90 degrees.
    """
    # The stub says a dictionary; the container yields the entries themselves.
    entries = cast(Iterable[SideData], frame.side_data)
    matrix = next((bytes(e) for e in entries if e.type is SideDataType.DISPLAYMATRIX), b"")
    if len(matrix) < 36:
        return UPRIGHT
    return read_display_matrix(matrix)


def read_display_matrix(matrix: bytes) -> Orientation:
    """Read nine 16.16 fixed-point numbers a b u, c d v, x y w, as ISO 14496-12 section 6.2.2.

    A stored point (x, y) is shown at (a x + c y, b x + d y).
    """
    a, b, _, c, d, _, _, _, _ = struct.unpack("=9i", matrix[:36])
    if a and d and not b and not c:
        return Orientation(flip_rows=d < 0, flip_columns=a < 0)
    if b and c and not a and not d:
        return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)
    raise Unsupported(
        "the clip asks to be shown at an angle that is no multiple of 90 degrees",
        hint="re-encode it upright",
    )
