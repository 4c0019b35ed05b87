"""The people of the first frame, carried through the clip by the interactive engine."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.crowd.guide_streams import Detections
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.interactive.base import EngineSession
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import LONGEST_SIDE, Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import ScribbleEngine
from inference_app.domain.segmenters.base import INSIDE, People, hardened
from matteweb.errors import BadInput


class Carried:
    """The evaluation masks of V-HIM60 are made like this, by another engine (MaGGIe, sec. 4)."""

    info = PluginInfo(
        "carried",
        "Carried from the first frame",
        "The built-in engine, from each person's mask on the first frame",
        version=1,
    )

    def unavailable(self) -> str:
        """It can always run."""
        return ""

    def refuses(self, frames: int) -> str:
        """A still has nothing to carry to."""
        return "" if frames > 1 else "a still has one frame: there is nothing to carry a mask to"

    def segment(
        self, clip: ClipFile, people: People, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Detections]:
        """Yield the masks of everybody who is to be seen on the first frame.

        Raises BadInput when nobody is.
        """
        pictures = clip.small(LONGEST_SIDE)
        session = ScribbleEngine().open(pictures, FlowSource(pictures))
        try:
            first = _refer(session, pictures, people)
            if not first:
                raise BadInput(
                    f"nobody is to be seen on the first frame of {clip.name}",
                    hint="use a segmenter that looks at every frame",
                )
            yield _detections(first, clip)
            progress(1, clip.frames)
            carried = session.propagate(0, sorted(first), should_stop)
            for number, found in enumerate(carried, 1):
                if found.frame != number:
                    raise BadInput(f"{clip.name}: frame {found.frame} came instead of {number}")
                yield _detections(found.masks, clip)
                progress(number + 1, clip.frames)
        finally:
            session.close()


def _refer(session: EngineSession, pictures: Pictures, people: People) -> dict[int, SoftMask]:
    """Give the engine the first masks; return them by person."""
    size = (pictures.size.width, pictures.size.height)
    found: dict[int, SoftMask] = {}
    for person, alpha in enumerate(next(people()), 1):
        hard = (alpha > INSIDE).astype(np.float32)
        mask = np.asarray(cv2.resize(hard, size, interpolation=cv2.INTER_AREA), np.float32)
        if mask.max() > 0.5:
            session.refer(0, person, mask)
            found[person] = mask
    return found


def _detections(masks: dict[int, SoftMask], clip: ClipFile) -> Detections:
    numbers = sorted(masks)
    hard = tuple(hardened(masks[number], clip.size) for number in numbers)
    return Detections(hard, tuple(numbers))
