"""Whatever moves, taken apart into things that are followed: sees no hint at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress
from datasets_app.domain.synthesis.crowd.guide_streams import Detections
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.automatic.motion import Motion, MotionParams
from inference_app.domain.automatic.objects import numbered
from inference_app.domain.segmenters.base import People

_LEAST_FRAMES, _LEAST_SHARE = 2, 0.0005


class Moving:
    """Finds people and whatever else moves; two who touch are one thing to it."""

    info = PluginInfo(
        "moving", "What moves", "A background model and no hint: misses, merges, extras", version=1
    )

    def unavailable(self) -> str:
        """It can always run."""
        return ""

    def refuses(self, frames: int) -> str:
        """Motion takes three frames."""
        return "" if frames >= 3 else "motion takes at least three frames"

    def segment(
        self, clip: ClipFile, people: People, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Detections]:
        """Yield everything that moves. Raises BadInput when nothing does."""

        def masks() -> Iterator[GrayFrame]:
            return Motion().make(clip, MotionParams(), ignore_progress, should_stop)

        least = max(1, round(_LEAST_SHARE * clip.size.width * clip.size.height))
        found = numbered(masks, least_frames=_LEAST_FRAMES, least_pixels=least)
        for done, numbers in enumerate(found, 1):
            tracks = [int(number) for number in np.unique(numbers) if number]
            hard = [np.where(numbers == track, 255, 0).astype(np.uint8) for track in tracks]
            yield Detections(tuple(hard), tuple(tracks))
            progress(done, clip.frames)
