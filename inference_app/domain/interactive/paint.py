"""What is taken as drawn: outlines, brush and eraser, closed holes, copied masks."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.interactive.base import Brush, Copied, FillHoles, Outline
from inference_app.domain.interactive.planes import SoftMask

Stroke = Outline | Brush | FillHoles | Copied

# Points may lie far off the frame; OpenCV draws with 32-bit numbers.
_FARTHEST = 1e4


def painted(mask: SoftMask, stroke: Stroke) -> SoftMask:
    """Return ``mask`` with ``stroke`` in it; what lies off the frame changes nothing."""
    if isinstance(stroke, Copied):
        if stroke.mask.shape != mask.shape:
            raise ValueError(f"a mask of {stroke.mask.shape} cannot be copied to {mask.shape}")
        return stroke.mask.copy()
    if isinstance(stroke, FillHoles):
        return _filled(mask)
    if isinstance(stroke, Outline):
        shape = np.zeros(mask.shape, np.uint8)
        if len(stroke.points) >= 3:
            cv2.fillPoly(shape, [_pixels(stroke.points)], 1)
        return np.where(shape > 0, np.float32(stroke.positive), mask).astype(np.float32)
    share = _brushed(stroke, mask.shape)
    return (mask + share * (np.float32(stroke.positive) - mask)).astype(np.float32)


def _brushed(stroke: Brush, shape: tuple[int, ...]) -> SoftMask:
    """Return 0..1: how much of each pixel the brush covers."""
    core = np.ones(shape, np.uint8)
    points = _pixels(stroke.points)
    if len(points) == 1:
        cv2.circle(core, tuple(int(value) for value in points[0, 0]), 0, 0, -1)
    elif len(points):
        cv2.polylines(core, [points], False, 0, 1)
    else:
        return np.zeros(shape, np.float32)
    if core.all():
        return np.zeros(shape, np.float32)  # all of it lies off the frame
    away = cv2.distanceTransform(core, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    width = max(1.0, stroke.soft * stroke.radius)
    return np.asarray(np.clip((stroke.radius + 0.5 - away) / width, 0, 1), np.float32)


def _filled(mask: SoftMask) -> SoftMask:
    """Return ``mask`` with everything set that no way around it leads to."""
    outside = np.pad((mask <= 0.5).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(outside, None, (0, 0), 2)
    holes = outside[1:-1, 1:-1] == 1
    return np.where(holes, np.float32(1), mask).astype(np.float32)


def _pixels(points: tuple[tuple[float, float], ...]) -> npt.NDArray[np.int32]:
    array = np.array(points, np.float64).reshape(-1, 2).clip(-_FARTHEST, _FARTHEST)
    return np.round(array).astype(np.int32).reshape(-1, 1, 2)
