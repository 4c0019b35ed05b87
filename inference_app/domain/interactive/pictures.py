"""The frames of a clip by number, in either direction; memory does not grow with the clip."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.reader import read_rgb
from matteweb.errors import BadInput

LONGEST_SIDE = 854
"""Engines look at frames no larger than this; masks are enlarged along edges afterwards."""

_CHUNK = 16
_CHUNKS_KEPT = 3


class Pictures(Protocol):
    """Frames of one size, by number."""

    @property
    def frames(self) -> int: ...

    @property
    def size(self) -> FrameSize: ...

    def __getitem__(self, number: int) -> RgbFrame: ...


class PictureList:
    """Frames that lie in memory already."""

    def __init__(self, frames: Sequence[RgbFrame]) -> None:
        self._frames = frames
        self.frames = len(frames)
        self.size = FrameSize(frames[0].shape[1], frames[0].shape[0])

    def __getitem__(self, number: int) -> RgbFrame:
        return self._frames[number]


class ClipPictures:
    """Frames of a file, decoded in runs of 16 and made smaller where they exceed ``longest``.

    At most 48 frames are in memory. Not safe for two threads at once.
    """

    def __init__(
        self, path: Path, frames: int, size: FrameSize, longest: int = LONGEST_SIDE
    ) -> None:
        self.path, self.frames = path, frames
        self.size = size.fitted(longest)
        self._chunks: OrderedDict[int, list[RgbFrame]] = OrderedDict()

    def __getitem__(self, number: int) -> RgbFrame:
        """Return frame ``number``. Raises BadInput when the file ends before it."""
        chunk, offset = divmod(number, _CHUNK)
        if chunk not in self._chunks:
            while len(self._chunks) >= _CHUNKS_KEPT:
                self._chunks.popitem(last=False)
            start = chunk * _CHUNK
            self._chunks[chunk] = [
                self._fitted(frame)
                for frame in read_rgb(self.path, start=start, stop=min(start + _CHUNK, self.frames))
            ]
        self._chunks.move_to_end(chunk)
        frames = self._chunks[chunk]
        if number < 0 or offset >= len(frames):
            raise BadInput(
                f"{self.path.name} has no frame {number}", hint="bring the video in again"
            )
        return frames[offset]

    def _fitted(self, frame: RgbFrame) -> RgbFrame:
        if frame.shape[:2] == (self.size.height, self.size.width):
            return frame
        target = (self.size.width, self.size.height)
        return np.asarray(cv2.resize(frame, target, interpolation=cv2.INTER_AREA), np.uint8)
