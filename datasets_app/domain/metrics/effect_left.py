"""A shadow, or another effect of the object, that stayed behind in the removed picture."""

from __future__ import annotations

from fractions import Fraction

import cv2

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
from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.outbursts import strength
from datasets_app.domain.quality.shadow_motion import ShadowMotion
from datasets_app.domain.quality.shadow_outline import Change, Outline, change_of, outline_of
from datasets_app.domain.quality.shadow_search import find_shadow
from datasets_app.domain.quality.shadow_views import View, camera_motion, view_of, window_scale

# Of so many frames one is searched for the outline of a shadow.
_OUTLINE_EVERY = 3
# Levels by which the channels of a film without colour differ at most, on average.
_GRAY = 6.0
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
        self._before: View | None = None
        self._changes: dict[int, Change] = {}
        self._outlines: dict[int, Outline] = {}
        self._motion = ShadowMotion()
        self._colour = 0.0

    def add(self, frame: LayerFrames) -> None:
        number, covered = self._frames, frame["object_small"]
        self._frames += 1
        flow = frame["flow_removed"] if number else None
        removed = frame["rgb_removed_small"]
        self._colour += _colour_of(removed)
        self._motion.add(number, cv2.cvtColor(removed, cv2.COLOR_RGB2GRAY), covered, flow)
        self._scale = self._scale or window_scale(covered)
        if self._scale is None:
            return
        view, before = view_of(removed, covered, self._scale), self._before
        self._before = view
        if number % _OUTLINE_EVERY == 0 and (found := outline_of(view, self._scale)):
            self._outlines[number] = found
        if before is not None and flow is not None:
            changed = change_of(view, before, camera_motion(flow), self._scale)
            if changed is not None:
                self._changes[number] = changed

    def finish(self) -> MetricResult:
        values: list[float | None] = [None] * self._frames
        for told in self._changes:
            values[told] = 0.0
        gray = self._colour < _GRAY * self._frames
        shadow = find_shadow(
            self._changes, self._outlines, self._motion.traces, self._frames, gray=gray
        )
        if shadow is None:
            return MetricResult(tuple(values), mean_of(values), (), None, 50.0)
        for told in range(shadow.first, shadow.last + 1):
            values[told] = 100 * shadow.depth
        note = Note(shadow.first, shadow.last, _SYMPTOM, strength(shadow.excess, 1.0))
        return MetricResult(tuple(values), mean_of(values), (note,), None, 50.0)


def _colour_of(picture: Array) -> float:
    """Return by how many levels the strongest channel of (h, w, 3) stands over the weakest."""
    red, green, blue = cv2.split(picture)
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return float(cv2.mean(cv2.subtract(most, least))[0])


class EffectLeft(AlwaysAvailable):
    """By how much, %, the removed picture is darker where a shadow of the object would fall.

    It is found when it comes and goes within the clip, by what gets dark and light again all around
    its outline, twice as much in a film without colour; when object or scene move or the object
    changes its shape: where it goes it gets dark, where it was light; and by its outline in single
    frames, on a scene that is smooth enough to see it. Keeps two small frames, and about 7 kB per
    frame of the clip until the end.
    """

    info = PluginInfo("effect_left", "Effect left behind", "A shadow that was not removed", 6)
    needs = ("object_small", "rgb_removed_small", "flow_removed")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _EffectLeftMeter:
        """Begin."""
        return _EffectLeftMeter()
