"""Masks of small frames brought to the size of the clip, along its edges."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from inference_app.domain.interactive.edges import guided
from inference_app.domain.interactive.planes import SoftMask

GUIDE_RADIUS: Final = 4
GUIDE_EPSILON: Final = 1e-4


def at_full_size(picture: RgbFrame, mask: SoftMask) -> GrayFrame:
    """Return ``mask`` (h, w) in 0..1 at the size of ``picture``, 0..255."""
    height, width = picture.shape[:2]
    if mask.shape != (height, width) and mask.any():
        large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
        mask = np.clip(guided(picture, large, GUIDE_RADIUS, GUIDE_EPSILON), 0, 1)
    elif mask.shape != (height, width):
        return np.zeros((height, width), np.uint8)
    return np.round(mask * 255).astype(np.uint8)
