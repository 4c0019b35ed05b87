"""What is measured on the three streams of a tuple, in one pass over their frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.bundles.tuple_streams import Frame, layer_frames
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.synthesis.compositing.trimask import REMOVE, snap
from matteweb.errors import BadInput, Cancelled

BLACK = 4
"""A frame whose every value is at most this shows nothing; codecs turn black into 0..4."""

Histogram: TypeAlias = npt.NDArray[np.int64]
"""(256,) int64: pixels per value."""


@dataclass(slots=True)
class StreamFacts:
    """One stream. ``black`` counts frames that show nothing, ``first_black`` is the first."""

    frames: int = 0
    width: int = 0
    height: int = 0
    black: int = 0
    first_black: int | None = None

    def take(self, frame: Frame) -> None:
        """Count one more frame. Raises BadInput when it has another size than the first."""
        height, width = frame.shape[:2]
        if self.frames and (width, height) != (self.width, self.height):
            raise BadInput(
                f"frame {self.frames} is {width}x{height}, those before {self.width}x{self.height}"
            )
        self.width, self.height = width, height
        if frame.ndim == 3 and int(frame.max()) <= BLACK:
            self.black += 1
            self.first_black = self.frames if self.first_black is None else self.first_black
        self.frames += 1


@dataclass(slots=True)
class TupleFacts:
    """All three streams. Means are over pixels and channels, in 0..255.

    ``mask_values``: pixels of the mask per stored value. ``removed_frames``: frames with at least
    one pixel to remove. ``changed_frames``: frames in which full and removed differ anywhere.
    ``outside_sum``: sum of |full - removed| over values outside the removed pixels.
    """

    streams: dict[str, StreamFacts] = field(
        default_factory=lambda: {layer: StreamFacts() for layer in TUPLE_LAYERS}
    )
    mask_values: Histogram = field(default_factory=lambda: np.zeros(256, np.int64))
    removed_frames: int = 0
    changed_frames: int = 0
    compared_frames: int = 0
    outside_sum: float = 0.0
    outside_values: int = 0

    def outside_mean(self) -> float:
        """Return the mean |full - removed| outside the pixels to remove, 0..255."""
        return self.outside_sum / self.outside_values if self.outside_values else 0.0

    def removed_share(self) -> float:
        """Return the share of mask pixels that readers take as to be removed, 0..1."""
        total = int(self.mask_values.sum())
        return int(self.mask_values[:64].sum()) / total if total else 0.0


def measure_tuple(
    layers: Mapping[str, Path],
    *,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> TupleFacts:
    """Return the facts of a tuple. ``layers``: a video file, or a folder of PNG, for each layer.

    Streams of different length are read to their ends. Raises BadInput when one cannot be read,
    Cancelled when asked to stop.
    """
    facts = TupleFacts()
    readers = [layer_frames(layers[name], gray=name == "mask") for name in TUPLE_LAYERS]
    try:
        for number, frames in enumerate(zip_longest(*readers), start=1):
            if should_stop():
                raise Cancelled("the check was stopped")
            _take(facts, frames)
            progress(number, None)
    finally:
        for reader in readers:
            reader.close()
    return facts


def _take(facts: TupleFacts, frames: tuple[Frame | None, ...]) -> None:
    for layer, frame in zip(TUPLE_LAYERS, frames, strict=True):
        if frame is not None:
            facts.streams[layer].take(frame)
    full, mask, removed = frames
    if mask is not None:
        facts.mask_values += np.bincount(mask.ravel(), minlength=256)
        facts.removed_frames += bool((snap(mask) == REMOVE).any())
    if full is None or removed is None or full.shape != removed.shape:
        return
    difference = cv2.absdiff(full, removed)
    facts.compared_frames += 1
    facts.changed_frames += bool(difference.any())
    if mask is not None and mask.shape == full.shape[:2]:
        outside = difference[snap(mask) != REMOVE]
        facts.outside_sum += float(outside.sum(dtype=np.int64))
        facts.outside_values += outside.size
