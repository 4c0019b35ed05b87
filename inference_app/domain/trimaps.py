"""Trimaps: what is surely object, surely background, and unknown between."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame

UNKNOWN = 128


def trimap_of(mask: GrayFrame, radius: int) -> GrayFrame:
    """Return 0, 128 or 255 per pixel: unknown within ``radius`` pixels of the mask's outline.

    Pixels of the mask from 128 on are object.
    """
    hard = (mask > 127).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    trimap = np.full(mask.shape, UNKNOWN, np.uint8)
    trimap[cv2.erode(hard, kernel) > 0] = 255
    trimap[cv2.dilate(hard, kernel) == 0] = 0
    return trimap


def snapped(trimap: GrayFrame) -> GrayFrame:
    """Return the trimap with every value moved to the nearest of 0, 128 and 255."""
    out = np.full(trimap.shape, UNKNOWN, np.uint8)
    out[trimap <= 63] = 0
    out[trimap >= 192] = 255
    return out
