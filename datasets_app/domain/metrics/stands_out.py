"""How well the removed object can be told from what is behind it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Note,
    Symptom,
    mean_of,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.standing_out import stands_out
from datasets_app.domain.synthesis.compositing.trimask import HALF

LEAST = 6.0
"""Levels of brightness, mean over the clip, below which a sample is worth a look."""
_SYMPTOM = Symptom(
    "the object hardly stands out",
    ("rgb_full",),
    "Leave it out: nothing can be learned from what cannot be seen.",
)


class _StandsOutMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        gone = np.where(frame["object_small"] > HALF, 255, 0).astype(np.uint8)
        value = None
        if gone.any():
            value = stands_out(frame["rgb_full_small"], frame["rgb_removed_small"], gone)
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        values, total = tuple(self._values), mean_of(self._values)
        notes: tuple[Note, ...] = ()
        if total is not None and total < LEAST:
            notes = (Note(0, len(values) - 1, _SYMPTOM, 1 - total / (2 * LEAST)),)
        return MetricResult(values, total, notes, scale=60.0)


class StandsOut(AlwaysAvailable):
    """Levels of brightness by which full and removed picture differ where the object is, mean over
    it at the small size; nothing without an object. Low all through a clip, it is named."""

    info = PluginInfo("stands_out", "Stands out", "Object against what is behind it", 1)
    needs = ("object_small", "rgb_full_small", "rgb_removed_small")
    unit = "levels"
    better: Better = "high"

    def start(self, size: FrameSize, fps: Fraction) -> _StandsOutMeter:
        """Begin; nothing is kept but the numbers."""
        return _StandsOutMeter()
