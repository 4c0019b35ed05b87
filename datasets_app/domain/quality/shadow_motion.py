"""How a removed picture changes, held against how a shadow of the object would change it.

The scene is remembered as a running mean of log luma that the flow of the picture carries along;
the shapes that a shadow may have are remembered and carried in the same way. If a shadow stayed
behind, then what a frame differs by from the remembered scene is its depth times what its shape
differs by from the remembered shape, whatever the scene looks like: both went through the same
sums. `Trace` keeps what a regression of the one on the other needs, frame by frame.

A thing of the scene has no reason to fit a shadow at the object's feet better than one elsewhere:
the same shapes at places where no shadow of it falls say what this scene does by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.derived import Array, Flow, warped
from datasets_app.domain.quality.shadow_views import Floats, log_luma
from datasets_app.domain.synthesis.compositing.trimask import HALF

_FLATTENED: Final = (0.35, 0.55, 0.75, 0.95)
_SHEARED: Final = (-0.6, -0.3, 0.0, 0.3, 0.6)
# How far below its feet a shadow of the object begins, as a share of its height; to the side, as a
# share of its width, by so much times how far it is sheared.
_BELOW: Final = (0.0, 0.12)
_ASIDE: Final = 0.2
# A shadow apart from its object, as of what jumps: how flat, then shares of width and height.
_APART: Final = tuple(
    (flat, aside, below)
    for flat in (0.5, 0.95)
    for aside, below in ((-0.7, 0.6), (0.0, 0.7), (0.7, 0.6))
)
# Where no shadow falls, in widths and heights of the object from its feet's place.
_ELSEWHERE: Final = ((1.1, 0.0), (-1.1, 0.0), (0.8, -0.8), (-0.8, -0.8))
# Shadows are smooth: shapes are held against the picture with its longer side this many pixels.
_COARSE: Final = 64
_BLUR: Final = 1.2
# Share of a new frame in what is remembered.
_NEW: Final = 1 / 8
# Log luma by which texture may differ from what is remembered, and beyond which no shadow goes.
_TEXTURE: Final = 0.06
_CLIPPED: Final = 0.5
# A shape that changes by less than that at a pixel does not tell of it.
_CHANGES: Final = 0.05

AT_FEET: Final = len(_FLATTENED) * len(_SHEARED) * len(_BELOW) + len(_APART)
"""The first so many shapes of a trace lie where a shadow of the object may fall."""

PLACES: Final = 1 + len(_ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Trace:
    """What one frame tells of each shape, at each place in turn: float32.

    ``shared``: (shapes, 4) the product of darkening and change of the shape, summed over the left,
    right, upper and lower half of the shape; ``change``: the same of the change squared; ``dark``:
    (shapes,) of the darkening squared, where the shape changes.
    """

    shared: Floats
    change: Floats
    dark: Floats


class ShadowMotion:
    """Remembers the scene and the shapes of one clip; ``traces`` grows by 4 kB per frame."""

    def __init__(self) -> None:
        self.traces: dict[int, Trace] = {}
        self._scene: Floats | None = None
        self._shapes: Floats | None = None

    def add(self, number: int, luma: Array, covered: Array, flow: Flow | None) -> None:
        """Take the (h, w) luma and object of the next frame, and its flow but for the first."""
        seen = log_luma(luma)
        shapes = _shapes_of(covered)
        if shapes is None:  # nothing there casts a shadow; what follows begins anew
            self._scene = self._shapes = None
            return
        if self._scene is None or self._shapes is None or flow is None:
            self._scene, self._shapes = seen, shapes
            return
        scene = warped(self._scene, flow)
        small = (shapes.shape[2], shapes.shape[1])
        carried = _carried(self._shapes, flow, small)
        self.traces[number] = _trace(seen - scene, _trust(flow), shapes, shapes - carried)
        self._scene = scene + np.float32(_NEW) * (seen - scene)
        self._shapes = carried + np.float32(_NEW) * (shapes - carried)


def _trace(change: Floats, seen: Floats, shapes: Floats, moved: Floats) -> Trace:
    change = change - np.float32(np.median(change))
    texture = np.abs(change - cv2.GaussianBlur(change, (0, 0), 2))
    weight = seen * np.exp(-np.square(cv2.GaussianBlur(texture, (0, 0), 3) / _TEXTURE))
    small = (shapes.shape[2], shapes.shape[1])
    darker = -cv2.resize(
        np.clip(change, -_CLIPPED, _CLIPPED) * weight, small, interpolation=cv2.INTER_AREA
    )
    known = cv2.resize(weight, small, interpolation=cv2.INTER_AREA)
    dark = np.square(darker) / np.maximum(known, np.float32(0.05))
    return Trace(
        shared=_halves(darker * moved, shapes),
        change=_halves(known * np.square(moved), shapes),
        dark=np.asarray(((np.abs(moved) > _CHANGES) * dark).sum(axis=(1, 2)), np.float32),
    )


def _halves(values: Floats, shapes: Floats) -> Floats:
    """Return (shapes, 4): the sums over the halves left, right, above, below the shape's middle."""
    total = np.maximum(shapes.sum(axis=(1, 2)), np.float32(1e-3))
    halves = []
    for axis in (1, 2):  # what is left of it is summed over rows, then over columns
        at = np.arange(shapes.shape[3 - axis], dtype=np.float32)
        middle = (shapes.sum(axis=axis) * at).sum(axis=1) / total
        lines = values.sum(axis=axis)
        before = np.where(at < middle[:, None], lines, 0).sum(axis=1)
        halves += [before, lines.sum(axis=1) - before]
    return np.stack(halves, axis=1).astype(np.float32)


def _trust(flow: Flow) -> Floats:
    """Return (h, w) 1 where the place was in the picture before, else 0."""
    height, width = flow.shape[:2]
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    x, y = across + flow[..., 0], down + flow[..., 1]
    return np.asarray((x >= 0) & (x < width) & (y >= 0) & (y < height), np.float32)


def _carried(shapes: Floats, flow: Flow, small: tuple[int, int]) -> Floats:
    height, width = flow.shape[:2]
    coarse = cv2.resize(flow, small, interpolation=cv2.INTER_AREA)
    coarse *= np.array([small[0] / width, small[1] / height], np.float32)
    coarse += np.dstack(np.meshgrid(np.arange(small[0]), np.arange(small[1]))).astype(np.float32)
    carried = [
        cv2.remap(one, coarse, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for one in shapes
    ]
    return np.stack(carried)


def _shapes_of(covered: Array) -> Floats | None:
    """Return (shapes, h, w), 0..1: the object flattened and sheared at its feet, then the same at
    the other places; None without an object."""
    solid = cv2.threshold(covered, HALF, 1, cv2.THRESH_BINARY)[1]
    _, top, wide, tall = cv2.boundingRect(solid)
    if not wide:
        return None
    coarser = max(1.0, max(covered.shape) / _COARSE)
    shape = cv2.GaussianBlur(covered, (0, 0), _BLUR * coarser).astype(np.float32) / np.float32(255)
    foot = top + tall
    fallen = [
        (flat, shear, _ASIDE * shear, below) for below in _BELOW for flat, shear in _leaning()
    ]
    apart = [(flat, 0.0, aside, below) for flat, aside, below in _APART]
    elsewhere = [
        (flat, shear, aside, up)
        for aside, up in _ELSEWHERE
        for flat, shear in _leaning()
        if abs(shear) != _SHEARED[-2]  # fewer are enough to see what the scene does
    ]
    thrown = [
        _thrown(shape, flat, shear, (foot, aside * wide, below * tall))
        for flat, shear, aside, below in (*fallen, *apart, *elsewhere)
    ]
    return np.stack(thrown)


def _leaning() -> Iterator[tuple[float, float]]:
    return ((flat, shear) for flat in _FLATTENED for shear in _SHEARED)


def _thrown(shape: Floats, flat: float, shear: float, at: tuple[float, float, float]) -> Floats:
    """Return a shadow of the shape; ``at``: the row of its feet, then px to the right and down."""
    foot, aside, below = at
    height, width = shape.shape
    small = FrameSize(width, height).fitted(_COARSE)
    x, y = small.width / width, small.height / height
    across = [x, -shear * x, (shear * foot + aside) * x]
    down = [0, flat * y, ((1 - flat) * foot + below) * y]
    move = np.array([across, down])
    return np.asarray(cv2.warpAffine(shape, move, (small.width, small.height)), np.float32)
