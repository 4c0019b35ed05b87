"""The parts of a clip where the matte is hardest to judge: steep, soft, and spread over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.derived import Array

VERSION: Final = 1
"""Rises when the same frames give other crops."""

WANTED: Final = 6

_SIDE = 160
_PER_FRAME = 2
# What a hard edge counts beside a soft one, which counts up to 1 more.
_HARD = 0.25


@dataclass(frozen=True, slots=True)
class EdgeCrop:
    """A box of the full-size frame in pixels; ``hardness`` is the sum of steepness (alpha 0..1 per
    pixel) times softness in it, at the small size."""

    frame: int
    x: int
    y: int
    width: int
    height: int
    hardness: float

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "frame": self.frame,
            "box": [self.x, self.y, self.width, self.height],
            "hardness": round(self.hardness, 2),
        }


class EdgeCropSearch:
    """Looks at frame after frame; keeps two boxes of each, and of all frames the best at the end.

    A crop is 160 px wide and high, as it is drawn 1:1, or as large as the frame.
    """

    def __init__(self, size: FrameSize) -> None:
        self._size = size
        self._width, self._height = min(_SIDE, size.width), min(_SIDE, size.height)
        self._found: list[EdgeCrop] = []
        self._frames = 0

    def add(self, alpha: Array) -> None:
        """Take the (h, w) small object of the next frame."""
        hardness = _hardness(alpha)
        scale = alpha.shape[1] / self._size.width
        box = max(1, round(self._width * scale)), max(1, round(self._height * scale))
        for _ in range(_PER_FRAME):
            sums = cv2.boxFilter(
                hardness,
                cv2.CV_32F,
                box,
                anchor=(0, 0),
                normalize=False,
                borderType=cv2.BORDER_CONSTANT,
            )
            rows, columns = alpha.shape[0] - box[1] + 1, alpha.shape[1] - box[0] + 1
            _, best, _, (left, top) = cv2.minMaxLoc(np.ascontiguousarray(sums[:rows, :columns]))
            if best <= 0:
                break
            self._found.append(self._crop(left / scale, top / scale, best))
            hardness[top : top + box[1], left : left + box[0]] = 0
        self._frames += 1

    def finish(self) -> list[EdgeCrop]:
        """Return at most six crops, the hardest first: one per sixth of the clip where it has any,
        then the hardest of the rest that lie elsewhere."""
        ranked = sorted(self._found, key=lambda crop: (-crop.hardness, crop.frame, crop.y, crop.x))
        chosen: list[EdgeCrop] = []
        taken: set[int] = set()
        for crop in ranked:
            part = crop.frame * WANTED // max(1, self._frames)
            if part not in taken:
                taken.add(part)
                chosen.append(crop)
        for crop in ranked:
            if len(chosen) >= WANTED:
                break
            if all(_apart(crop, other) for other in chosen):
                chosen.append(crop)
        return sorted(chosen[:WANTED], key=lambda crop: -crop.hardness)

    def _crop(self, left: float, top: float, hardness: float) -> EdgeCrop:
        x = min(round(left), self._size.width - self._width)
        y = min(round(top), self._size.height - self._height)
        return EdgeCrop(self._frames, x, y, self._width, self._height, hardness)


def _hardness(alpha: Array) -> Array:
    share = alpha.astype(np.float32) / 255
    steep = cv2.magnitude(
        cv2.Sobel(share, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(share, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return np.asarray(steep * (_HARD + 4 * share * (1 - share)))


def _apart(one: EdgeCrop, other: EdgeCrop) -> bool:
    """Return whether the boxes share less than half of their width or height, or the frame."""
    return (
        (
            one.frame != other.frame
            and (abs(one.x - other.x) > one.width // 2 or abs(one.y - other.y) > one.height // 2)
        )
        or abs(one.x - other.x) >= one.width
        or abs(one.y - other.y) >= one.height
    )
