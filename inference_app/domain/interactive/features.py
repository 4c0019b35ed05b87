"""What a classifier is told of each small square of a frame."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.planes import Field, SoftMask, shrunk

_NEAR: Final = 8
_WIDE: Final = 28


def appearance(picture: RgbFrame, stride: int) -> Field:
    """Return (h, w, 16): colour of each ``stride``-pixel square and of what surrounds it.

    Lab, its means over 8 and 28 px, its deviation over 8 px, the detail inside the square, and the
    direction of edges over 8 px (roots of the structure tensor).
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    own = shrunk(lab, stride)
    near, wide = _side(_NEAR, stride), _side(_WIDE, stride)
    mean = cv2.blur(own, near)
    deviation = np.sqrt(np.maximum(cv2.blur(own * own, near) - mean * mean, 0))
    light = np.ascontiguousarray(lab[..., 0])
    detail = shrunk(np.abs(cv2.Laplacian(light, cv2.CV_32F)), stride)
    across = cv2.Sobel(light, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(light, cv2.CV_32F, 0, 1)
    tensor = [
        cv2.blur(shrunk(product, stride), near)
        for product in (across * across, down * down, across * down)
    ]
    edges = [np.sign(part) * np.sqrt(np.abs(part)) for part in tensor]
    planes = [own, mean, cv2.blur(own, wide), deviation, detail, *edges]
    height, width = own.shape[:2]
    return np.concatenate([p.reshape(height, width, -1) for p in planes], axis=2, dtype=np.float32)


def place(coverage: SoftMask) -> Field | None:
    """Return (h, w, 2): the way from the middle of what is covered, in units of its side.

    None where nothing is covered by more than a half.
    """
    rows, columns = np.nonzero(coverage > 0.5)
    if not len(rows):
        return None
    side = np.sqrt(len(rows))
    height, width = coverage.shape
    down = (np.arange(height, dtype=np.float32) - rows.mean()) / side
    across = (np.arange(width, dtype=np.float32) - columns.mean()) / side
    return np.dstack(np.broadcast_arrays(across[None, :], down[:, None])).astype(np.float32)


def _side(pixels: int, stride: int) -> tuple[int, int]:
    side = 2 * round(pixels / stride) + 1
    return side, side


def drawn(
    candidates: npt.NDArray[np.intp], most: int, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return ``candidates``, or ``most`` of them drawn without repetition."""
    if len(candidates) <= most:
        return candidates
    return rng.choice(candidates, most, replace=False)
