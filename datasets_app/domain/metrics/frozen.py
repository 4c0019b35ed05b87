"""Frames that repeat the one before while the clip moves."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

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
from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.outbursts import in_layers, outbursts

_LAYERS = {
    "rgb_full_small": ("rgb_full",),
    "rgb_removed_small": ("rgb_removed",),
    "object_small": ("alpha", "mask"),
}
# Frames on either side that tell how much a layer usually changes.
_WINDOW = 8
# Mean change, in levels, of which the least is needed: what rests cannot freeze.
_MOVES = {"rgb_full_small": 0.25, "rgb_removed_small": 0.25, "object_small": 0.02}
# A clip that repeats more of its frames than this was made so (animation on twos, slow motion).
_MANNER = 0.2
_LEVEL = 94.0
_SYMPTOM = Symptom(
    "a frame repeats the one before",
    ("rgb_full", "rgb_removed", "alpha", "mask"),
    "Look for a dropped frame in the source, or render those frames again.",
    place="frame",
)


Changes = npt.NDArray[np.float64]


class _FrozenMeter:
    def __init__(self) -> None:
        self._before: dict[str, Array] = {}
        self._changes: dict[str, list[float]] = {layer: [] for layer in _LAYERS}
        self._frames = 0

    def add(self, frame: LayerFrames) -> None:
        for layer in _LAYERS:
            if layer not in frame:
                continue
            if layer in self._before:
                change = cv2.absdiff(frame[layer], self._before[layer])
                self._changes[layer].append(float(change.mean(dtype=np.float64)))
            self._before[layer] = frame[layer]
        self._frames += 1

    def finish(self) -> MetricResult:
        tracks = {
            _LAYERS[layer]: [0.0, *_repeated(layer, changes)]
            for layer, changes in self._changes.items()
            if changes
        }
        if not tracks:
            return MetricResult((None,) * self._frames, None, (), _LEVEL, 100.0)
        worst = np.max(list(tracks.values()), axis=0)
        values: list[float | None] = [None, *(float(value) for value in worst[1:])]
        notes = in_layers(outbursts(values, _LEVEL, _SYMPTOM), tracks, _LEVEL)
        return MetricResult(tuple(values), mean_of(values), notes, _LEVEL, 100.0)


def _repeated(layer: str, changes: list[float]) -> list[float]:
    # Mattes are without noise: one that rests for a frame is the same.
    exact = layer != "object_small"
    return [float(one) for one in _repetition(np.array(changes), _MOVES[layer], exact)]


def _repetition(changes: Changes, moves: float, exact: bool) -> Changes:
    """Return, for each change, how much smaller than usual it is: 0 as usual, 100 none at all.

    Where nothing else is ``exact``ly the same, one frame that is has been repeated, however
    unsteadily the layer moves.
    """
    near = [_near(changes, number) for number in range(len(changes))]
    usual = np.array([np.median(some) for some in near])
    calm = np.array([np.quantile(some, _MANNER) for some in near])
    seldom = np.array([np.mean(some == 0) <= _MANNER for some in near])
    still = np.clip(1 - changes / np.maximum(usual, 1e-9), 0, 1)
    moving = (usual >= moves) & (calm >= 0.3 * usual)
    repeated = (changes == 0) & seldom & (usual >= moves) & exact
    return np.asarray(np.where(repeated, 100, np.where(moving, 100 * still, 0)))


def _near(changes: Changes, number: int) -> Changes:
    """Return the changes around one, as many at the ends as elsewhere."""
    first = max(0, min(number - _WINDOW, len(changes) - 2 * _WINDOW - 1))
    return changes[first : first + 2 * _WINDOW + 1]


class Frozen(AlwaysAvailable):
    """How much less than usual, %, a layer changed since the frame before: 100 is a repeated frame.

    The layer that repeats most counts, of rgb_full, rgb_removed and the object; usual is the
    median of 8 frames to either side. A layer that rests, or that nearly repeats a fifth of its
    frames and more, is left out, but for pictures that are the same to the bit and seldom are. At
    the small size.
    """

    info = PluginInfo("frozen", "Frozen frames", "Frames that repeat the one before", 3)
    needs = ("rgb_full_small",)
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> _FrozenMeter:
        """Begin; one small frame of each layer is kept."""
        return _FrozenMeter()
