"""The part of a frame that is looked at, made small enough for an answer in a moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.geodesics import geodesic
from inference_app.domain.interactive.planes import (
    BoolMask,
    Field,
    Floats,
    SoftMask,
    Window,
    enlarged,
    window_of,
)

SQUARES: Final = 12_000
_SMALLEST_EXTENT: Final = 24.0
_CLICK_EXTENT: Final = 0.12
# How far from a stroke the object is expected to end, in lengths of what was drawn.
ENDS_AT: Final = 0.35
_ENDS_SOFTLY: Final = 8.0
_NEAR_WEIGHT, _GEODESIC_WEIGHT = 0.3, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is known of a frame, at its size. ``inside`` and ``outside``: as stroked, with what
    strokes say between them; ``box``: None without one; ``before``: the mask so far, None when
    nothing is known."""

    inside: BoolMask
    outside: BoolMask
    box: BoolMask | None
    before: SoftMask | None


@dataclass(frozen=True, eq=False)
class Scene:
    """A window of a frame in small squares. ``extent``: the length of what was drawn, in squares.

    ``whole``: the object may go on beyond the window.
    """

    window: Window
    lab: Field
    inside: BoolMask
    outside: BoolMask
    before: SoftMask | None
    extent: float
    whole: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.inside.shape[0], self.inside.shape[1]

    @cached_property
    def border(self) -> BoolMask:
        """What lies at the edge of a part that shows more than the object."""
        edge = np.zeros(self.shape, bool)
        if self.before is None and self.whole:
            margin = max(2, int(0.04 * min(self.shape)))
            edge[:] = True
            edge[margin:-margin, margin:-margin] = False
        return edge

    @cached_property
    def samples(self) -> Floats:
        """What a classifier is told of each square, (N, 15)."""
        lab = self.lab
        mean = cv2.blur(lab, (7, 7))
        deviation = np.sqrt(np.maximum(cv2.blur(lab * lab, (7, 7)) - mean * mean, 0))
        planes = [lab, cv2.blur(lab, (3, 3)), mean, cv2.blur(lab, (15, 15)), deviation]
        return np.concatenate(planes, axis=2, dtype=np.float32).reshape(-1, 15)

    @cached_property
    def distance(self) -> SoftMask:
        """The distance from what was drawn, in lengths of what was drawn."""
        away = cv2.distanceTransform((~self.inside).astype(np.uint8), cv2.DIST_L2, 5)
        return cast(SoftMask, away / self.extent)

    @cached_property
    def prior(self) -> SoftMask:
        """Log odds before any colour was looked at."""
        odds = np.zeros(self.shape, np.float32)
        if self.before is not None:
            before = np.clip(self.before, 0.1, 0.9)
            odds += np.log(before / (1 - before))
        if self.inside.any():
            way_in = geodesic(self.lab, self.inside)
            if self.outside.any():
                way_out = geodesic(self.lab, self.outside)
            else:
                way_out = np.full_like(way_in, way_in.max() + 1)
            odds += _GEODESIC_WEIGHT * (2 * way_out / (way_in + way_out + 1e-6) - 1)
            if self.before is None:
                near = 1 / (1 + np.exp((self.distance - ENDS_AT) * _ENDS_SOFTLY))
                near = np.clip(near, 0.02, 0.98)
                odds += _NEAR_WEIGHT * np.log(near / (1 - near))
        return odds.astype(np.float32)

    def plane(self, part: SoftMask, shape: tuple[int, int]) -> SoftMask:
        """Return a plane of this scene as one of a frame of ``shape``, 0 around it."""
        whole = np.zeros(shape, np.float32)
        window = self.window
        whole[window.slices] = enlarged(part.astype(np.float32), (window.height, window.width))
        return whole

    def of(self, plane: SoftMask) -> SoftMask:
        """Return what a plane of the frame says here."""
        return cast(SoftMask, cv2.resize(plane[self.window.slices], self.shape[::-1]))


def scene_around(picture: RgbFrame, told: Told) -> Scene:
    """Return the scene that shows what was drawn, and as much again around it."""
    shape = told.inside.shape
    what = told.inside.copy()
    if told.box is not None:
        what |= told.box
    if told.before is not None:
        what |= (told.before > 0.5) | told.outside
    tight = window_of(what)
    assert tight is not None  # noqa: S101
    extent = float(max(tight.width, tight.height, _SMALLEST_EXTENT))
    known = told.box is not None or told.before is not None
    if not known and extent <= _SMALLEST_EXTENT:
        extent = max(extent, _CLICK_EXTENT * max(shape))
    window = tight.grown(int((0.25 if known else 1.0) * extent) + 10, shape)
    return scene_in(picture, told, window, extent, whole=True)


def scene_in(picture: RgbFrame, told: Told, window: Window, extent: float, *, whole: bool) -> Scene:
    """Return the scene of one window; ``extent`` in pixels of the frame."""
    scale = min(1.0, float(np.sqrt(SQUARES / (window.width * window.height))))
    small = (max(8, int(window.width * scale)), max(8, int(window.height * scale)))

    def made(mask: BoolMask) -> BoolMask:
        part = mask[window.slices].astype(np.uint8) * 255
        return cast(BoolMask, cv2.resize(part, small, interpolation=cv2.INTER_AREA) > 80)

    part = cv2.resize(picture[window.slices], small, interpolation=cv2.INTER_AREA)
    drawn_out = made(told.outside)
    if told.box is not None:
        drawn_out |= ~made(told.box)
    return Scene(
        window=window,
        lab=cv2.cvtColor(part, cv2.COLOR_RGB2LAB).astype(np.float32),
        inside=made(told.inside) & ~drawn_out,
        outside=drawn_out,
        before=None if told.before is None else cv2.resize(told.before[window.slices], small),
        extent=extent * scale,
        whole=whole,
    )
