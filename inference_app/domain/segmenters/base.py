"""What a segmenter offers: the frames of a sample in, masks with lasting numbers out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.crowd.guide_streams import Detections
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.interactive.planes import SoftMask

People: TypeAlias = Callable[[], Iterator[list[GrayFrame]]]
"""Gives the visible alphas of all people, frame by frame, each time anew: what a segmenter that
works from a box or a first mask gets instead of a person who draws it."""

INSIDE = 127
"""A person is where its alpha is above this."""


class Segmenter(Protocol):
    """One way to find the people of a sample. Stateless; imports what is heavy when it works."""

    @property
    def info(self) -> PluginInfo: ...

    @abstractmethod
    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""

    @abstractmethod
    def refuses(self, frames: int) -> str:
        """Return why it cannot work on so many frames, or ""."""

    @abstractmethod
    def segment(
        self, clip: ClipFile, people: People, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Detections]:
        """Yield what is found, once per frame in order, at the size of the clip.

        Memory does not grow with the clip. Raises Cancelled, BadInput.
        """


def hardened(mask: SoftMask, size: FrameSize) -> GrayFrame:
    """Return a soft mask 0..1 at another size, as 0 and 255."""
    full = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
    return np.where(full > 0.5, 255, 0).astype(np.uint8)
