"""The guided filter: a plane smoothed along the edges of a picture, and enlarged along them.

K. He, J. Sun, X. Tang, "Guided Image Filtering", PAMI 2013, equations 5, 6 and 8, with the luma as
guide; K. He, J. Sun, "Fast Guided Filter", 2015, for the enlargement.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame

Plane = npt.NDArray[np.float32]
"""(H, W) float32."""


def luma_of(rgb: RgbFrame) -> Plane:
    """Return (H, W) float32 in 0..1."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) / 255.0, np.float32)


def guided(rgb: RgbFrame, plane: Plane, radius: int, epsilon: float) -> Plane:
    """Return ``plane`` (H, W) filtered under the guidance of ``rgb``, clipped to 0..1."""
    guide = luma_of(rgb)
    slope, offset = _coefficients(guide, plane, radius, epsilon)
    return np.asarray(np.clip(slope * guide + offset, 0, 1), np.float32)


def enlarged(rgb: RgbFrame, plane: Plane, radius: int = 4, epsilon: float = 1e-4) -> Plane:
    """Return ``plane`` (h, w) at the size of ``rgb``, its edges where those of the picture are.

    ``radius`` is in pixels of ``plane``.
    """
    height, width = plane.shape
    guide = luma_of(rgb)
    small = cv2.resize(guide, (width, height), interpolation=cv2.INTER_AREA)
    slope, offset = _coefficients(small, plane, radius, epsilon)
    size = (rgb.shape[1], rgb.shape[0])
    plane = cv2.resize(slope, size) * guide + cv2.resize(offset, size)
    return np.asarray(np.clip(plane, 0, 1), np.float32)


def _coefficients(guide: Plane, plane: Plane, radius: int, epsilon: float) -> tuple[Plane, Plane]:
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Plane) -> Plane:
        return np.asarray(cv2.blur(values, window, borderType=cv2.BORDER_REFLECT), np.float32)

    guide_mean, plane_mean = mean(guide), mean(plane)
    variance = mean(guide * guide) - guide_mean**2
    slope = (mean(guide * plane) - guide_mean * plane_mean) / (variance + epsilon)
    return mean(slope), mean(plane_mean - slope * guide_mean)
