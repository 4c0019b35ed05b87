"""Arrays of the engine, and the few shapes that everything here is cut with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 of any shape; its operators are typed as if they returned float64."""

SoftMask: TypeAlias = Floats
"""(H, W) float32 in 0..1: how surely a pixel belongs to the object."""

Field: TypeAlias = Floats
"""(H, W, C) float32."""

BoolMask: TypeAlias = npt.NDArray[np.bool_]
"""(H, W) bool."""


_WIDE_REACH: Final = 24
_FAR: Final = np.int32(1 << 20)


@dataclass(frozen=True, slots=True)
class Window:
    """Rows ``top`` to ``bottom``, columns ``left`` to ``right``; the last ones not included."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def grown(self, margin: int, shape: tuple[int, ...]) -> Window:
        """Return it with ``margin`` more on each side, cut at a frame of ``shape``."""
        return Window(
            max(self.top - margin, 0),
            min(self.bottom + margin, shape[0]),
            max(self.left - margin, 0),
            min(self.right + margin, shape[1]),
        )


def window_of(mask: BoolMask) -> Window | None:
    """Return the smallest window that holds everything true, None when nothing is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return Window(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def dilated(mask: BoolMask, radius: float) -> BoolMask:
    """Return ``mask`` grown by ``radius`` pixels."""
    reach = max(1, round(radius))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    if reach < _WIDE_REACH:
        return cast(BoolMask, cv2.dilate(mask.astype(np.uint8), kernel) > 0)
    # The same row by row: OpenCV looks at every pixel of the kernel.
    away, grown, height = _along_rows(mask), np.zeros_like(mask), mask.shape[0]
    for step in range(min(reach + 1, height)):
        near = away <= kernel[reach + step].sum() // 2
        grown[: height - step] |= near[step:]
        grown[step:] |= near[: height - step]
    return grown


def _along_rows(mask: BoolMask) -> npt.NDArray[np.int32]:
    """Return how far each pixel is from what is true in its row; far beyond it where nothing is."""
    columns = np.arange(mask.shape[1], dtype=np.int32)
    left = np.maximum.accumulate(np.where(mask, columns, -_FAR), axis=1)
    right = np.minimum.accumulate(np.where(mask, columns, _FAR)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(columns - left, right - columns, dtype=np.int32)


def shrunk(plane: Floats, stride: int) -> Floats:
    """Return area means over squares of about ``stride`` pixels."""
    height, width = plane.shape[0] // stride, plane.shape[1] // stride
    if stride == 1:
        return plane
    return cast(
        Floats,
        cv2.resize(plane, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA),
    )


def enlarged(plane: Floats, shape: tuple[int, int]) -> Floats:
    """Return ``plane`` stretched to ``shape`` (rows, columns), bilinear."""
    return cast(
        Floats,
        cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR),
    )


def touching(mask: BoolMask, seeds: BoolMask) -> BoolMask:
    """Return the connected parts of ``mask`` that hold a pixel of ``seeds``."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    kept = np.zeros(count, bool)
    kept[labels[seeds & mask]] = True
    return cast(BoolMask, kept[labels])
