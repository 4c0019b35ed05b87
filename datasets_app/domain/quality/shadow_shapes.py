"""Whether something dark beside the object has the object's own shape, as a shadow has.

A shadow that falls on the ground is the object's outline, flattened and sheared about its feet and
blurred. In the window of `effect_maps` the log luma is held against such shapes by their
correlation coefficient; a dark surface of the scene seldom fits well for many frames on end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.effect_maps import (
    SIDE,
    Floats,
    Matrix,
    View,
    log_luma,
    seen_object,
    seen_through,
)

_FLATTENED: Final = (0.35, 0.55, 0.75, 0.95)
_SHEARED: Final = (-0.6, -0.3, 0.0, 0.3, 0.6)
_STEP: Final = 2
# How far off the feet's place a shadow may lie, px of the window: to the sides, up and down.
_ASIDE, _UP, _DOWN = 10, 8, 16
_BLUR: Final = 1.2
_RING: Final = 9
# An object of fewer window pixels has no shape; so much of a shape has to be seen.
_LEAST: Final = 60
_SEEN: Final = 0.6
# Log luma, squared and times pixels: less contrast than this is none.
_FLAT: Final = 1e-3


@dataclass(frozen=True, slots=True)
class ShapeMatch:
    """How well each shape at each offset fits: float16 of (shapes, offsets down, offsets across).

    ``fit`` is the correlation coefficient, above 0 where it is darker inside of the shape;
    ``depth`` by how much, in log luma.
    """

    fit: npt.NDArray[np.float16]
    depth: npt.NDArray[np.float16]


def match_shapes(view: View, window: Matrix) -> ShapeMatch | None:
    """Return the matches of one frame, None where the object is too small to have a shape."""
    shape = seen_object(view, window)
    if float(shape.sum()) < _LEAST:
        return None
    seen = (seen_through(np.full_like(view.luma, 1), window) > 0).astype(np.float32)
    luma = log_luma(seen_through(view.luma, window))
    dark = _wide((np.median(luma[seen > 0]) - luma) * seen)
    planes = dark, np.square(dark), _wide(seen)
    fits, depths = zip(*(_fit(planes, one) for one in _shadows(shape)), strict=True)
    return ShapeMatch(np.stack(fits).astype(np.float16), np.stack(depths).astype(np.float16))


def _shadows(shape: Floats) -> Iterator[Floats]:
    """Yield the shapes that the object's shadow may have."""
    rows = np.flatnonzero(shape.max(axis=1) > 0.5)
    foot = int(rows[-1]) + 1 if rows.size else SIDE
    for flat in _FLATTENED:
        for shear in _SHEARED:
            thrown = np.array([[1, -shear, shear * foot], [0, flat, (1 - flat) * foot]])
            fallen = cv2.warpAffine(shape, thrown, (SIDE, SIDE))
            yield np.asarray(cv2.GaussianBlur(fallen, (0, 0), _BLUR), np.float32)


def _fit(planes: tuple[Floats, Floats, Floats], shape: Floats) -> tuple[Floats, Floats]:
    """Return correlation and depth at every offset, 0 where too little of the shape is seen.

    The coefficient of Pearson over the pixels of the shape and 4 px around it that are in the
    picture; the depth is the slope of the regression of darkness on the shape.
    """
    dark, square, seen = planes
    around = (cv2.dilate(shape, np.ones((_RING, _RING), np.uint8)) > 0.05).astype(np.float32)
    inside = shape * around
    pixels, first, second = (_at_offsets(one, around) for one in (seen, dark, square))
    covered, spread = _at_offsets(seen, inside), _at_offsets(seen, inside * inside)
    both = _at_offsets(dark, inside)
    count = np.maximum(pixels, 1)
    shared = both - covered * first / count
    of_shape = np.maximum(spread - np.square(covered) / count, _FLAT)
    of_picture = np.maximum(second - np.square(first) / count, _FLAT)
    known = (pixels > _SEEN * around.sum()) & (covered > _SEEN * inside.sum())
    fit = np.where(known, shared / np.sqrt(of_shape * of_picture), 0)
    return fit.astype(np.float32), np.where(known, shared / of_shape, 0).astype(np.float32)


def _at_offsets(picture: Floats, kernel: Floats) -> Floats:
    every: Floats = cv2.matchTemplate(picture, kernel, cv2.TM_CCORR)
    return every[::_STEP, ::_STEP]


def _wide(picture: Floats) -> Floats:
    wide = cv2.copyMakeBorder(picture, _UP, _DOWN, _ASIDE, _ASIDE, cv2.BORDER_CONSTANT)
    return np.asarray(wide, np.float32)
