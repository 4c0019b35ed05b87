"""A shadow, or another effect of the object, that stayed behind in the removed picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

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
from datasets_app.domain.quality.effect_maps import (
    Matrix,
    View,
    camera_motion,
    moved_maps,
    onset_map,
    seen_object,
    view_of,
    window_at,
    window_scale,
)
from datasets_app.domain.quality.outbursts import strength
from datasets_app.domain.quality.shadow_search import Sums, find_shadow
from datasets_app.domain.quality.shadow_shapes import ShapeMatch, match_shapes

_LONGEST_LAG = 16
# Of so many frames one is compared with an earlier one; that one is told of as well.
_EVERY = 2
# Of so many frames one is searched for the object's shape.
_SHAPE_EVERY = 3
# Share of its own area that the object has to leave behind for two frames to be compared, and the
# share with which the search for a better one ends.
_LEFT, _ENOUGH = 0.15, 0.4
_SYMPTOM = Symptom(
    "a shadow of the removed object is left",
    ("rgb_removed",),
    "Remove the shadow too: widen the mask over it, or take a removal that knows effects.",
    place="around",
)


class _EffectLeftMeter:
    def __init__(self) -> None:
        self._frames = 0
        self._scale: float | None = None
        self._views: dict[int, View] = {}
        self._motion: dict[int, Matrix] = {}
        self._onsets: dict[int, npt.NDArray[np.float16]] = {}
        self._moved: dict[int, Sums] = {}
        self._shapes: dict[int, ShapeMatch] = {}

    def add(self, frame: LayerFrames) -> None:
        number, covered = self._frames, frame["object_small"]
        self._frames += 1
        self._scale = self._scale or window_scale(covered)
        if self._scale is None:
            return
        self._views[number] = view_of(frame["rgb_removed_small"], covered, self._scale)
        self._views.pop(number - _LONGEST_LAG - 1, None)
        self._motion[number] = camera_motion(frame["flow_removed"]) if number else np.eye(3)
        window = window_at(covered, self._scale)
        if window is None:
            return
        if number % _SHAPE_EVERY == 0 and (found := match_shapes(self._views[number], window)):
            self._shapes[number] = found
        if number - 1 in self._views:
            before = self._motion[number] @ window
            onset = onset_map(self._views[number], self._views[number - 1], window, before)
            self._onsets[number] = onset.astype(np.float16)
            if number % _EVERY == 0:
                self._compare(number, window)

    def _compare(self, number: int, window: Matrix) -> None:
        """Compare with the nearest earlier frame whose object stood elsewhere in the scene."""
        now = self._views[number]
        here = seen_object(now, window)
        there, left, lag = window, 0.0, 0
        for lag in range(1, _LONGEST_LAG + 1):
            before = self._views.get(number - lag)
            if before is None:
                lag -= 1
                break
            there = self._motion[number - lag + 1] @ there
            left = float((here * (1 - seen_object(before, there))).sum())
            if left > _ENOUGH * here.sum():
                break
        if lag and left >= max(_LEFT * float(here.sum()), 2):
            maps = moved_maps(now, self._views[number - lag], window, there)
            for told, found in zip((number, number - lag), maps, strict=True):
                self._moved.setdefault(told, Sums()).take(found)

    def finish(self) -> MetricResult:
        values: list[float | None] = [None] * self._frames
        for told in (*self._onsets, *self._moved):
            values[told] = 0.0
        shadow = find_shadow(self._onsets, self._moved, self._shapes)
        if shadow is None:
            return MetricResult(tuple(values), mean_of(values), (), None, 50.0)
        for told in range(shadow.first, shadow.last + 1):
            values[told] = 100 * shadow.depth
        note = Note(shadow.first, shadow.last, _SYMPTOM, strength(shadow.excess, 1.0))
        return MetricResult(tuple(values), mean_of(values), (note,), None, 50.0)


class EffectLeft(AlwaysAvailable):
    """By how much, %, the removed picture is darker at one fixed offset from the object than the
    same place is without it: a shadow that was not removed.

    It is found when it comes and goes within the clip, when the object moves against the scene, or
    when it has the object's shape; of an effect that rests all through the clip and has another
    shape nothing can be told. Keeps 16 small frames, and about 15 kB per frame of the clip until
    the end.
    """

    info = PluginInfo("effect_left", "Effect left behind", "A shadow that was not removed", 2)
    needs = ("object_small", "rgb_removed_small", "flow_removed")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _EffectLeftMeter:
        """Begin."""
        return _EffectLeftMeter()
