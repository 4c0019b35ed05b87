"""One number per thing: parts of a mask followed from frame to frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from matteweb.errors import BadInput

Numbers = npt.NDArray[np.int32]

MOST_OBJECTS: Final = 32
# So many frames a thing may be away and come back in the same place under its number.
_AWAY: Final = 5


def numbered(
    masks: Callable[[], Iterable[GrayFrame]], *, least_frames: int, least_pixels: int
) -> Iterator[GrayFrame]:
    """Yield object numbers per frame, 0 = none, 1 the thing that shows most.

    ``masks`` gives the same masks each time; they are gone through twice. A thing that shows on
    fewer than ``least_frames`` frames is left out, as is what comes after 32 of them. Raises
    BadInput when nothing is left.
    """
    sizes: Counter[int] = Counter()
    shown: Counter[int] = Counter()
    for numbers in _followed(masks(), least_pixels):
        for number, size in zip(*np.unique(numbers, return_counts=True), strict=True):
            if number:
                sizes[int(number)] += int(size)
                shown[int(number)] += 1
    kept = [number for number, _ in sizes.most_common() if shown[number] >= least_frames]
    if not kept:
        raise BadInput("no object was found", hint="make one mask of everything instead")
    table = np.zeros(max(sizes) + 1, np.uint8)
    for place, number in enumerate(kept[:MOST_OBJECTS], 1):
        table[number] = place
    for numbers in _followed(masks(), least_pixels):
        yield table[numbers]


def _followed(masks: Iterable[GrayFrame], least_pixels: int) -> Iterator[Numbers]:
    """Yield lasting numbers per frame. A part keeps the number of what lay there before; where two
    things meet each pixel stays with the nearer one; a thing in pieces keeps one number."""
    last: Numbers | None = None
    seen: dict[int, int] = {}
    highest = 0
    for frame, mask in enumerate(masks):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            (mask > DEFAULT_THRESHOLD).astype(np.uint8)
        )
        now = np.zeros(parts.shape, np.int32)
        if last is None:
            last = np.zeros_like(now)
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] < least_pixels:
                continue
            here = parts == part
            there = np.unique(last[here])
            known = [int(n) for n in there if n]
            if not known:
                highest += 1
                known = [highest]
            now[here] = known[0] if len(known) == 1 else _nearest(last, known, here)
        for number in np.unique(now):
            seen[int(number)] = frame
        gone = [n for n in seen if n and frame - seen[n] > _AWAY]
        last = np.where(now > 0, now, np.where(np.isin(last, [*gone, *np.unique(now)]), 0, last))
        yield now


def _nearest(last: Numbers, known: list[int], here: npt.NDArray[np.bool_]) -> Numbers:
    away = [
        cv2.distanceTransform((last != number).astype(np.uint8), cv2.DIST_L2, 3)[here]
        for number in known
    ]
    return np.asarray(np.array(known, np.int32)[np.argmin(np.stack(away), axis=0)])
