"""The mask of a removal sample, as trainers read it: what goes is black.

An object mask (of a video, or as inference tools take it) has the opposite sense: white is the
object. ``removal_mask`` is the only place where the sense turns.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame

KEEP = 255
BACKGROUND = 128
REMOVE = 0

MaskMode: TypeAlias = Literal["trimask", "binary"]
"""trimask: {0 remove, 128 background, 255 keep}; binary: {0 remove, 255 everything else}."""

HALF = 127
"""An object mask above this is the object."""


def snap(mask: GrayFrame) -> GrayFrame:
    """Return the trimask that readers see in (H, W) ``mask``, which a lossy codec may have blurred.

    Values up to 63 mean remove, 64..191 background, from 192 keep.
    """
    read: GrayFrame = cv2.LUT(mask, _SNAPPED)
    return read


def blank(size: FrameSize, mode: MaskMode, preserved: GrayFrame | None = None) -> GrayFrame:
    """Return the (H, W) mask of a frame before anything is removed from it.

    In a trimask the white of the object mask ``preserved`` becomes keep; a binary mask keeps
    everything anyway.
    """
    if mode == "binary":
        return np.full((size.height, size.width), KEEP, np.uint8)
    if preserved is None:
        return np.full((size.height, size.width), BACKGROUND, np.uint8)
    kept: GrayFrame = cv2.LUT(preserved, _PRESERVED)
    return kept


def remove(mask: GrayFrame, alpha: GrayFrame, margin: int = 0) -> bool:
    """Mark in place, as to be removed, every pixel of ``mask`` where ``alpha`` is above 0.

    ``margin`` more pixels are marked around them, within the part that is given: 4:2:0 video
    spreads the object's colour by up to 2 pixels. Return whether alpha was above 0 anywhere.

    Whatever the object touched must go, its soft rim too: outside of it the full and the removed
    picture are equal. Remove overrides keep. Both are (H, W), or views of the same part of them.
    """
    if margin:
        side = 2 * margin + 1
        alpha = cv2.dilate(alpha, np.ones((side, side), np.uint8))
    cv2.copyTo(np.zeros_like(alpha), alpha, mask)
    return bool(cv2.hasNonZero(alpha))


_SNAPPED = np.repeat(np.array([REMOVE, BACKGROUND, KEEP], np.uint8), (64, 128, 64))
_PRESERVED = np.where(np.arange(256) > HALF, KEEP, BACKGROUND).astype(np.uint8)
