"""A predictor at a smaller size than the clip's, for when memory is short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, frame_size
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.predictors.base import LoadedPredictor, Prediction, Shot

SMALLEST = 256
"""The longer side in pixels below which nothing is made smaller."""


def stepped_down(size: FrameSize, longest: int = 0) -> int:
    """Return the next smaller longer side after ``longest`` (0: the frame's own); 0 for none."""
    whole = max(size.width, size.height)
    now = min(longest or whole, whole)
    return max(SMALLEST, now * 3 // 4) if now > SMALLEST else 0


class SmallerOnFrames:
    """Shows ``runner`` frames of ``longest`` pixels, and enlarges what comes of it along the edges.

    For predictors of single planes: an alpha, a depth.
    """

    def __init__(self, runner: LoadedPredictor, longest: int) -> None:
        self._runner, self._longest = runner, longest

    def predict(
        self, shots: Iterator[Shot], progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Prediction]:
        """Yield one prediction per shot, at the size of the frame."""
        seen: list[Shot] = []

        def small() -> Iterator[Shot]:
            for shot in shots:
                seen[:] = [shot]
                yield self._small(shot)

        for found in self._runner.predict(small(), progress, should_stop):
            whole = seen[0].rgb
            layers = {
                name: plane if plane.shape == whole.shape[:2] else enlarged(whole, plane)
                for name, plane in found.layers.items()
            }
            yield replace(found, layers=layers)

    def close(self) -> None:
        """Give the memory back."""
        self._runner.close()

    def _small(self, shot: Shot) -> Shot:
        size = frame_size(shot.rgb).fitted(self._longest)
        shape = (size.width, size.height)
        rgb = np.asarray(cv2.resize(shot.rgb, shape, interpolation=cv2.INTER_AREA), np.uint8)
        if shot.hint is None or shot.hint.shape != shot.rgb.shape[:2]:
            return Shot(rgb, shot.hint)  # a hint of another size is refused by the predictor
        # Not averaged: a trimap has three values, and a mask two.
        hint = cv2.resize(shot.hint, shape, interpolation=cv2.INTER_NEAREST)
        return Shot(rgb, np.asarray(hint, np.uint8))
