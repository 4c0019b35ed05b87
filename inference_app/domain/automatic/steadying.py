"""Repair of flicker: what neighbour frames agree on is believed against the frame between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.flow import FlowSource, warped
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.planes import SoftMask

Marked = tuple[RgbFrame, SoftMask]

_UNKNOWN: Final = 0.2


def steadied(frames: Iterable[Marked]) -> Iterator[Marked]:
    """Yield each picture with its mask, mended by those before and after, carried there by motion.

    What both neighbours show and the frame lacks is filled; a part that neither shows is dropped.
    First and last frame stay as they are. Memory: three frames.
    """
    before: Marked | None = None
    now: Marked | None = None
    for coming in chain(frames, (None,)):
        if now is not None:
            if before is not None and coming is not None:
                yield now[0], mended(before, now, coming)
            else:
                yield now
        before, now = now, coming


def mended(before: Marked, now: Marked, after: Marked) -> SoftMask:
    """Return the mask of ``now`` as both neighbours would have it where they agree against it."""
    if not (before[1].any() or now[1].any() or after[1].any()):
        return now[1]
    flow = FlowSource(PictureList([before[0], now[0], after[0]]))
    earlier = warped(before[1], flow.between(1, 0))
    later = warped(after[1], flow.between(1, 2))
    both = np.minimum(earlier, later)
    whole = np.where((both > 0.5) & (now[1] < 0.5), both, now[1])
    either = np.maximum(earlier, later)
    _, labels = cv2.connectedComponents((whole > 0.5).astype(np.uint8))
    counts = np.maximum(np.bincount(labels.ravel()), 1)
    shown = np.bincount(labels.ravel(), weights=either.ravel()) / counts
    unknown = np.flatnonzero(shown < _UNKNOWN)
    lonely = np.isin(labels, unknown[unknown > 0])
    if lonely.any():
        rim = cv2.dilate(lonely.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        whole = np.where(rim & ((labels == 0) | lonely), 0, whole)
    return whole.astype(np.float32)
