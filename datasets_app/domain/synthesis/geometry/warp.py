"""Turns, scales and shifts a picture to fractions of a pixel, without aliasing."""

from __future__ import annotations

import math
from typing import TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import AnyFrame, FrameSize

P = TypeVar("P", AnyFrame, npt.NDArray[np.float32])

Matrix = npt.NDArray[np.float64]
"""(2, 3): source point (x, y) lands on the product with (x, y, 1). Points are continuous: pixel i
covers i..i + 1."""

# Less shrinking than this aliases too little to be seen.
_UNFILTERED = 0.95
# What is shrunk more is halved first: a wide filter over a large picture costs far more.
_HALVED = 0.5


def warped(picture: P, matrix: Matrix, size: FrameSize, border: int) -> P:
    """Return ``picture`` as ``matrix`` places it in a frame of ``size``, bilinear.

    ``border``: cv2.BORDER_REPLICATE or cv2.BORDER_CONSTANT (0) beyond the picture.
    """
    factor = math.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))
    while 0 < factor < _HALVED and min(picture.shape[:2]) > 1:
        picture, matrix = _halved(picture, matrix)
        factor *= 2
    if 0 < factor < _UNFILTERED:
        sigma = 0.5 * math.sqrt(1 / factor**2 - 1)
        picture = cast(P, cv2.GaussianBlur(picture, (0, 0), sigma, borderType=border))
    # From the corners of pixels to their centres, in which OpenCV counts.
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    placed = cv2.warpAffine(
        picture, centred, (size.width, size.height), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return cast(P, placed)


def _halved(picture: P, matrix: Matrix) -> tuple[P, Matrix]:
    """Return the picture at half the size, and where its points land."""
    height, width = picture.shape[:2]
    size = ((width + 1) // 2, (height + 1) // 2)
    small = cast(P, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    scale = np.diag([width / size[0], height / size[1], 1.0])
    return small, matrix @ scale
