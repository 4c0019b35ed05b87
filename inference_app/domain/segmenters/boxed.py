"""A box around each person on each frame, and what differs in it from what is around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.crowd.guide_streams import Detections
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.segmenters.base import INSIDE, People, hardened
from matteweb.errors import Cancelled

_SIDE: Final = 480
_ROUNDS: Final = 3
_MARGIN: Final = 2


class Boxed:
    """Frames are looked at one by one, as by a detector: its masks flicker as a detector's do."""

    info = PluginInfo(
        "boxed", "From boxes", "GrabCut within a box around each person, frame by frame", version=1
    )

    def unavailable(self) -> str:
        """It can always run."""
        return ""

    def refuses(self, frames: int) -> str:
        """It works on stills too."""
        return ""

    def segment(
        self, clip: ClipFile, people: People, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Detections]:
        """Yield a mask for everybody who is to be seen, under the person's number."""
        pictures = clip.small(_SIDE)
        scale = pictures.size.width / clip.size.width
        for number, alphas in enumerate(people()):
            if should_stop():
                raise Cancelled("segmenting was stopped")
            masks: list[GrayFrame] = []
            tracks: list[int] = []
            for person, alpha in enumerate(alphas, 1):
                box = _box(alpha, scale)
                if box is not None:
                    masks.append(hardened(_cut(pictures[number], box), clip.size))
                    tracks.append(person)
            yield Detections(tuple(masks), tuple(tracks))
            progress(number + 1, clip.frames)


def _box(alpha: GrayFrame, scale: float) -> tuple[int, int, int, int] | None:
    """Return left, top, width and height at ``scale``, a little wider than the person."""
    left, top, width, height = cv2.boundingRect((alpha > INSIDE).astype(np.uint8))
    if not width:
        return None
    start = (int(left * scale) - _MARGIN, int(top * scale) - _MARGIN)
    return (*start, int(width * scale) + 2 * _MARGIN, int(height * scale) + 2 * _MARGIN)


def _cut(picture: RgbFrame, box: tuple[int, int, int, int]) -> SoftMask:
    """Return (H, W) of 0 and 1: what GrabCut takes for the object in the box (Rother et al.,
    SIGGRAPH 2004)."""
    height, width = picture.shape[:2]
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(width, box[0] + box[2]), min(height, box[1] + box[3])
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[top:bottom, left:right] = cv2.GC_PR_FGD
    if (labels == cv2.GC_PR_FGD).all():
        # Without a background there is nothing to differ from.
        return np.ones((height, width), np.float32)
    cv2.setRNGSeed(0)  # it draws where its colour models begin
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, labels, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.where(labels == cv2.GC_PR_FGD, 1, 0).astype(np.float32)
