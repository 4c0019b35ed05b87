"""Where in a frame a subject lies, undeceived by compression noise and specks.

A box around every alpha above 0 is the whole frame as soon as one pixel of a compressed matte is
not quite black, and the subject is then placed tiny.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.synthesis.geometry.placement import Box

NOISE: Final = 2
"""Alpha up to this is nothing: what compressed mattes hold where nothing is."""

_SPECK_SHARE: Final = 1 / 400
_SHRINK: Final = 4
_NOTHING: Final = Box(0, 0, 0, 0)


def subject_box(alpha: GrayFrame) -> Box:
    """Return the tight box of the subject in (H, W) ``alpha``; empty when there is none.

    Parts that hold less than 1/400 of the largest part's pixels are specks and do not count.
    Parts are told apart on a picture of a quarter of the size, so that hair stays with its head.
    """
    solid = cv2.threshold(alpha, NOISE, 255, cv2.THRESH_BINARY)[1]
    left, top, width, height = cv2.boundingRect(solid)
    if width == 0:
        return _NOTHING
    found = Box(left, top, left + width, top + height)
    parts = _parts(solid[found.slices])
    if len(parts) < 2:
        return found
    largest = max(area for area, _ in parts)
    kept = [box for area, box in parts if area >= largest * _SPECK_SHARE]
    if len(kept) == len(parts):
        return found
    return _tightened(solid, _united(kept), found)


def united(one: Box, other: Box) -> Box:
    """Return the smallest box that holds both; an empty one adds nothing."""
    if one.empty or other.empty:
        return other if one.empty else one
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _parts(solid: GrayFrame) -> list[tuple[int, Box]]:
    """Return area and box of each connected part, in cells of a quarter of the size."""
    height, width = solid.shape
    rows, columns = -(-height // _SHRINK), -(-width // _SHRINK)
    padded = np.zeros((rows * _SHRINK, columns * _SHRINK), np.uint8)
    padded[:height, :width] = solid
    cells = padded.reshape(rows, _SHRINK, columns, _SHRINK).max(axis=(1, 3))
    count, _, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    return [
        (int(area), Box(int(x), int(y), int(x + w), int(y + h)))
        for x, y, w, h, area in stats[1:count]
    ]


def _united(cells: list[Box]) -> Box:
    whole = _NOTHING
    for box in cells:
        whole = united(whole, box)
    return whole


def _tightened(solid: GrayFrame, cells: Box, found: Box) -> Box:
    """Return the tight box of what lies within ``cells`` of the box ``found``."""
    left, top = found.left + cells.left * _SHRINK, found.top + cells.top * _SHRINK
    part = solid[
        top : min(found.bottom, found.top + cells.bottom * _SHRINK),
        left : min(found.right, found.left + cells.right * _SHRINK),
    ]
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(part))
    return Box(left + x, top + y, left + x + width, top + y + height)
