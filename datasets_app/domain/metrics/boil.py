"""Static boil: an outline that changes where the picture rests."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import (
    AlwaysAvailable,
    Better,
    LayerFrames,
    MetricResult,
    Symptom,
    mean_of,
)
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import mean_opacity_change, outline_band
from datasets_app.domain.quality.derived import Array, largest_difference
from datasets_app.domain.quality.outbursts import Rule, outbursts
from datasets_app.domain.quality.steps import steadied

# Levels that a resting picture may change by: grain and codec.
_RESTS = 5
# Side of the square around a pixel that has to rest: masks reach a little beyond what they follow.
_AROUND = 15
_SCALE = 20.0
_RULE = Rule(floor=4.0, ceiling=20.0, times=7.0, lasts=True)
# Frames over which it goes on, and the share of them in which the picture has to rest.
_GOES_ON, _RESTING = 5, 0.7
_SYMPTOM = Symptom(
    "the outline boils on a resting picture",
    ("alpha", "mask"),
    "Smooth the matte over time, or run the model again with more frames at a time.",
)


class _BoilMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._before: tuple[Array, Array] | None = None

    def add(self, frame: LayerFrames) -> float | None:
        alpha, picture = frame["object_small"], frame["rgb_full_small"]
        value = None
        if self._before is not None:
            value = _boil(alpha, self._before[0], picture, self._before[1])
        self._before = (alpha, picture)
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        level = _RULE.level(self._values)
        # One frame that jumps is a pulse: boil goes on.
        notes = outbursts(steadied(self._values, _GOES_ON, known=_RESTING), level, _SYMPTOM)
        return MetricResult(tuple(self._values), mean_of(self._values), notes, level, _SCALE)


def _boil(alpha: Array, before: Array, picture: Array, picture_before: Array) -> float | None:
    change = cv2.blur(largest_difference(picture, picture_before), (5, 5))
    rests = cv2.dilate(change, np.ones((_AROUND, _AROUND), np.uint8)) <= _RESTS
    return mean_opacity_change(alpha, before, outline_band(alpha, before) & rests)


class Boil(AlwaysAvailable):
    """Mean change of opacity, %, in a band of 9 px along the outline where the picture changed by
    at most 5 levels in a square of 15 px; nothing where hardly any of it rests. Found is what
    goes on for five frames, of which four rest. At the small size.
    """

    info = PluginInfo("boil", "Static boil", "Change of the outline where the picture rests", 3)
    needs = ("object_small", "rgb_full_small")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _BoilMeter:
        """Begin; one small frame is kept."""
        return _BoilMeter()
