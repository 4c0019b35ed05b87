"""ObjectPaste as the seed describes it, written the obvious way: whole clips, float64, every pixel.

Vectorised NumPy and OpenCV, no loop over pixels. It has the corrected meaning of the recipe (mask
threshold 127, figures measured on the transformed mask), so that both make the same samples; it
writes neither alpha nor foreground, which the recipe does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Clip = NDArray[np.uint8]
"""(N, H, W, 3) or (N, H, W) uint8."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Move:
    """Scale about the frame's centre, then shift by shares of width and height."""

    scale: float
    shift_x: float
    shift_y: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Mean, largest frame mean, share of pixels covered in more than a tenth of the time."""

    mean: float
    max: float
    stationary: float


def composite(picture: Clip, mask: Clip, background: Clip, move: Move) -> tuple[Clip, Clip, Clip]:
    """Return rgb_full, rgb_removed and the trimask of a sample; all clips have one size."""
    keep = background.astype(np.float64) / 255
    moved = transformed(picture.astype(np.float64) / 255, move)
    m = transformed_mask(mask, move)[..., None]
    full = moved * m + keep * (1 - m)
    trimask = (1 - m[..., 0]) * 128
    return _to_bytes(full), _to_bytes(keep), np.rint(trimask).astype(np.uint8)


def transformed_mask(mask: Clip, move: Move) -> Floats:
    """Return the moved (N, H, W) object mask, 0 or 1."""
    return (transformed((mask > 127).astype(np.float64), move) > 0.5).astype(np.float64)


def measure(moved: Floats) -> Figures:
    """Return the figures of a moved (N, H, W) mask."""
    return Figures(
        mean=float(moved.mean()),
        max=float(moved.mean(axis=(1, 2)).max()),
        stationary=float((moved.mean(axis=0) > 0.1).mean()),
    )


def transformed(clip: Floats, move: Move) -> Floats:
    """Return the clip with every frame moved; what comes into view is 0."""
    height, width = clip.shape[1:3]
    matrix = np.array(
        [
            [move.scale, 0, (0.5 + move.shift_x) * width - move.scale * width / 2],
            [0, move.scale, (0.5 + move.shift_y) * height - move.scale * height / 2],
        ]
    )
    # From pixel corners, in which the move is meant, to pixel centres, in which OpenCV counts.
    matrix[:, 2] += 0.5 * move.scale - 0.5
    return np.stack([cv2.warpAffine(frame, matrix, (width, height)) for frame in clip])


def _to_bytes(clip: Floats) -> Clip:
    return np.rint(np.clip(clip, 0, 1) * 255).astype(np.uint8)
