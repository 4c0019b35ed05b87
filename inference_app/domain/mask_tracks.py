"""Tracks made of tracks: masks of one clip combined, grown, and read as trimap or trimask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, get_args

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from datasets_app.domain.synthesis.compositing.trimask import blank, remove
from inference_app.domain.trimaps import trimap_of

Combining = Literal["union", "minus", "common", "priority"]
COMBININGS: Final[tuple[Combining, ...]] = get_args(Combining)

Reading = Literal["trimap", "trimask"]
READINGS: Final[tuple[Reading, ...]] = get_args(Reading)

MOST_RADIUS: Final = 200


def combined(
    tracks: Sequence[Iterable[GrayFrame]], how: Combining, *, grow: int = 0, hard: bool = False
) -> Iterator[GrayFrame]:
    """Yield one (H, W) frame for each frame of ``tracks``, soft masks where 255 is the object.

    union: the strongest of them. minus: the first without the others. common: the weakest.
    priority: object numbers, 1 for the first track; where several are above 127 the first of them
    counts. ``grow``: pixels that each track grows by before, or shrinks by when negative; ``hard``:
    cut above 127 after that. All tracks must have the same length.
    """
    for frames in zip(*tracks, strict=True):
        masks = [_cut(_grown(frame, grow)) if hard else _grown(frame, grow) for frame in frames]
        yield _one(masks, how)


def reading_of(kind: Reading, radius: int) -> Callable[[GrayFrame], GrayFrame]:
    """Return what makes a trimap (255 object, 128 unknown within ``radius`` of its outline, 0) or a
    trimask (0 the object that goes with ``radius`` pixels around it, 128 all else) of a mask."""
    if kind == "trimap":
        return lambda mask: trimap_of(mask, radius)
    return lambda mask: _trimask(mask, radius)


def _trimask(mask: GrayFrame, radius: int) -> GrayFrame:
    made = blank(FrameSize(mask.shape[1], mask.shape[0]), "trimask")
    remove(made, mask, radius)
    return made


def _one(masks: list[GrayFrame], how: Combining) -> GrayFrame:
    if how == "priority":
        numbers = np.zeros(masks[0].shape, np.uint8)
        for number in range(len(masks), 0, -1):
            numbers[masks[number - 1] > DEFAULT_THRESHOLD] = number
        return numbers
    first, others = masks[0], masks[1:]
    for other in others:
        if how == "union":
            first = np.maximum(first, other)
        else:
            first = np.minimum(first, other if how == "common" else 255 - other)
    return first


def _grown(mask: GrayFrame, pixels: int) -> GrayFrame:
    if not pixels:
        return mask
    side = 2 * abs(pixels) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(mask, kernel), np.uint8)


def _cut(mask: GrayFrame) -> GrayFrame:
    return np.asarray(np.where(mask > DEFAULT_THRESHOLD, 255, 0), np.uint8)
