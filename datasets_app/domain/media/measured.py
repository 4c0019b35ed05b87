"""Layers of exact numbers: what 16 stored bits mean, and how people are shown them.

A measured layer is stored without loss, 16 bits per channel. Where nothing was measured, e.g. the
distance of the sky, every channel holds 0, which no measurement is written as.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.media.light import to_stored

MeasuredFrame: TypeAlias = npt.NDArray[np.uint16]
"""(H, W) or (H, W, 3) uint16: numbers as stored, see ``Measure``."""

Values: TypeAlias = npt.NDArray[np.float32]
"""(H, W, values) float32 in the measure's unit; NaN where nothing was measured."""

MeasuredKind: TypeAlias = Literal["distance", "flow", "normals", "light"]
LayerKind: TypeAlias = Literal["rgb", "gray"] | MeasuredKind

_MOST: Final = 65535
_MIDDLE: Final = 32768
_FARTHEST: Final = 64.0
_FAST: Final = 64


@dataclass(frozen=True, slots=True)
class Measure:
    """``value = (number - zero) * step`` in ``unit``; a ``step`` of 0 says that the 16 bits are an
    IEEE half-precision number themselves. ``channels`` are stored, the first ``values`` of them
    carry a value; a channel beyond says 1 where there is one."""

    meaning: str
    unit: str
    channels: int
    values: int
    step: float
    zero: int
    look: Callable[[Values], RgbFrame]

    def encoded(self, values: Values) -> MeasuredFrame:
        """Return ``values``, (H, W, values), as stored; what is beyond the range is cut to it."""
        if not self.step:
            return _shaped(values.astype(np.float16).view(np.uint16))
        known = np.isfinite(values).all(axis=2, keepdims=True)
        numbers = np.rint(np.nan_to_num(values) / self.step) + self.zero
        stored = np.where(known, np.clip(numbers, 1, _MOST), 0).astype(np.uint16)
        if self.channels > self.values:
            stored = np.concatenate([stored, known.astype(np.uint16)], axis=2)
        return _shaped(stored)

    def decoded(self, frame: MeasuredFrame) -> Values:
        """Return what ``frame`` says, in ``unit``."""
        stored = frame.reshape(*frame.shape[:2], self.channels)
        if not self.step:
            return np.ascontiguousarray(stored).view(np.float16).astype(np.float32)
        values = (stored[..., : self.values].astype(np.float32) - self.zero) * self.step
        values[(stored == 0).all(axis=2)] = np.nan
        return values.astype(np.float32)

    def shown(self, frame: MeasuredFrame) -> RgbFrame:
        """Return a picture for people; black where nothing was measured."""
        return self.look(self.decoded(frame))

    def as_json(self) -> dict[str, Any]:
        """Return what a reader of the files needs to know."""
        return {
            "meaning": self.meaning,
            "unit": self.unit,
            "channels": self.channels,
            "values": self.values,
            "coding": "steps" if self.step else "half",
            "step": self.step,
            "zero": self.zero,
        }


def _shaped(stored: MeasuredFrame) -> MeasuredFrame:
    return np.ascontiguousarray(stored[..., 0] if stored.shape[2] == 1 else stored)


def _near_is_bright(values: Values) -> RgbFrame:
    """Grey; each doubling of the distance is as much darker, from 1 m to 64 m."""
    depth = np.nan_to_num(values[..., 0], nan=_FARTHEST)
    share = 1 - np.log2(np.clip(depth, 1, _FARTHEST)) / np.log2(_FARTHEST)
    grey = np.where(np.isnan(values[..., 0]), 0, np.rint(16 + 239 * share)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def _colour_wheel(values: Values) -> RgbFrame:
    """Direction as hue, length as strength; what stands still is white."""
    right, down = (np.nan_to_num(values[..., channel]) for channel in (0, 1))
    length = np.hypot(right, down)
    turn = np.rint((np.degrees(np.arctan2(down, right)) % 360) / 2) % 180
    strength = 255 * (1 - np.exp(-length * _FAST / values.shape[1] / 2))
    wheel = np.stack([turn, np.rint(strength), np.full_like(turn, 255)], axis=2).astype(np.uint8)
    return _black_where_unknown(cv2.cvtColor(wheel, cv2.COLOR_HSV2RGB), values)


def _directions(values: Values) -> RgbFrame:
    """East, north and up as red, green and blue."""
    return _black_where_unknown(np.rint((np.nan_to_num(values) + 1) * 127.5), values)


def _developed(values: Values) -> RgbFrame:
    return to_stored(np.ascontiguousarray(np.clip(np.nan_to_num(values), 0, 1)))


def _black_where_unknown(picture: npt.NDArray[Any], values: Values) -> RgbFrame:
    unknown = np.isnan(values).any(axis=2, keepdims=True)
    return np.where(unknown, 0, picture).astype(np.uint8)


MEASURES: Final[dict[MeasuredKind, Measure]] = {
    "distance": Measure(
        "distance from the plane of the camera", "m", 1, 1, 1 / 256, 0, _near_is_bright
    ),
    # The form of KITTI's flow files (Menze and Geiger, CVPR 2015).
    "flow": Measure("way to the right and down", "px", 3, 2, 1 / 64, _MIDDLE, _colour_wheel),
    "normals": Measure(
        "direction of the surface: x, y, and z up", "", 3, 3, 1 / 32767, _MIDDLE, _directions
    ),
    "light": Measure("scene-linear light, sRGB primaries", "", 3, 3, 0.0, 0, _developed),
}

_COLOUR: Final = ("rgb", "fgr", "bgr")


def layer_kind(layer: str) -> LayerKind:
    """Return what kind of frames a layer has, from its name alone: a manifest names layers and no
    more. Coloured are ``rgb_...``, ``fgr`` and ``bgr``, alone or numbered; measured is what begins
    with a measure's name; everything else has one channel."""
    stem = layer.split("_")[0]
    if stem in get_args(MeasuredKind):
        found: LayerKind = stem  # type: ignore[assignment]  # just looked up
        return found
    return "rgb" if stem in _COLOUR else "gray"


def measure_of(kind: str) -> Measure | None:
    """Return the measure of a layer's kind; None for pictures."""
    return next((measure for name, measure in MEASURES.items() if name == kind), None)
