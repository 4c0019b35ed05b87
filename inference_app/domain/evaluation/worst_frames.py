"""The frames on which an engine did worst, as one picture to look at."""

from __future__ import annotations

from heapq import heappushpop
from itertools import count
from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.trees.writing import number_palette
from inference_app.domain.evaluation.robot import Labels
from inference_app.domain.evaluation.sequences import Sequence

_WIDTH: Final = 360
_DIM, _COLOUR = 0.55, 0.6
_GAP: Final = 4


class WorstFrames:
    """Keeps the labels of the worst frames that it is told of; a `Told`."""

    def __init__(self, most: int = 3) -> None:
        self._order = count()
        self._kept: list[tuple[float, int, int, Labels]] = [
            (float("-inf"), next(self._order), -1, np.zeros((1, 1), np.uint8))
        ] * most

    def __call__(self, frame: int, found: Labels, score: float) -> None:
        """Hear of a frame."""
        heappushpop(self._kept, (-score, next(self._order), frame, found.copy()))

    @property
    def frames(self) -> list[tuple[int, float, Labels]]:
        """Number, J&F and labels of each, the worst first."""
        real = [one for one in self._kept if one[2] >= 0]
        return [(frame, -score, found) for score, _, frame, found in sorted(real, reverse=True)]

    def picture(self, sequence: Sequence) -> RgbFrame | None:
        """Return a row per frame, what is true beside what was found; None without frames."""
        rows = []
        for frame, _, found in self.frames:
            shown, truth = sequence.pictures[frame], sequence.truth[frame]
            height = max(1, round(_WIDTH * shown.shape[0] / shown.shape[1]))
            pair = [_painted(shown, labels, (_WIDTH, height)) for labels in (truth, found)]
            gap = np.zeros((height, _GAP, 3), np.uint8)
            rows += [np.hstack([pair[0], gap, pair[1]]), np.zeros((_GAP, 2 * _WIDTH + _GAP, 3))]
        return np.asarray(np.vstack(rows[:-1]), np.uint8) if rows else None


def _painted(shown: RgbFrame, labels: Labels, size: tuple[int, int]) -> RgbFrame:
    """Return the picture, objects in the colours of their numbers, the rest darker."""
    colours = np.array(number_palette(), np.float32).reshape(256, 3)
    small = cv2.resize(shown, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    numbers = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)
    inside = (numbers > 0)[..., None]
    mixed = (1 - _COLOUR) * small + _COLOUR * (127 + colours[numbers] / 2)
    return np.asarray(np.where(inside, mixed, _DIM * small), np.uint8)
