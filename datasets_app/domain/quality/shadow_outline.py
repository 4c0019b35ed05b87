"""How the removed picture darkens across the outline of a shadow that the object might throw.

A shadow on the ground is the object's outline, flattened and sheared about its feet. All around it
is darker inside than outside, smoothly and by the same share; an edge of the scene is so along a
part of the outline, if at all. The picture is looked up where each of such shadows would lie, so
that its outline falls on the object's own, and there, direction by direction, log luma is held
against the softened outline. Sharp edges and texture of the scene do not count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.effect_maps import Floats, View, log_luma
from datasets_app.domain.synthesis.compositing.trimask import HALF

_FLATTENED: Final = (0.35, 0.5, 0.65, 0.8, 0.95)
_SHEARED: Final = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)
# Where the feet of a shadow are: off the object's by so many widths, and by so many times the shear
# of them; so many heights further down.
_ASIDE: Final = (-0.12, 0.0, 0.12)
_LEANS, _BELOW = 0.27, 0.06
# Px of the window, in which an object is about 28 across and at most 44: its side, the softness of
# a shadow, and the width of the band along the outline that is looked at.
_SIDE, _SOFT, _BAND = 64, 2.0, 9
_SECTORS: Final = 8
# An object of fewer window pixels has no shape.
_LEAST: Final = 60
# Log luma by which the scene varies within a px of the window: more than that, and more than it
# does in half of the frame, is an edge.
_TEXTURE: Final = 0.03
_TINY: Final = 1e-3
# A direction counts with this share of what the best of them has to tell, of which there have to be
# so many; a quarter of them may be less dark.
_TOLD, _DIRECTIONS, _LESS = 0.15, 6, 0.25
# Of the outline, the share that has to be free of edges.
_FREE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Outline:
    """Of each shadow and direction, (shadows, 8): ``shared``, the product of how dark it is and how
    much of the shadow lies there, both off their means; ``spread``, the latter squared.

    Both as shares of the spread of the whole outline; the first by the second is the depth of the
    shadow in log luma.
    """

    shared: Floats
    spread: Floats


def outline_of(view: View, scale: float) -> Outline | None:
    """Return what one frame tells, ``scale`` in window pixels per pixel; None where the object is
    too small to have a shape."""
    solid = cv2.threshold(view.covered, HALF, 1, cv2.THRESH_BINARY)[1]
    left, top, wide, tall = cv2.boundingRect(solid)
    if not wide:
        return None
    x, y = left + wide / 2 - _SIDE / 2 / scale, top + tall / 2 - _SIDE / 2 / scale
    window = np.array([[1 / scale, 0, x], [0, 1 / scale, y]])
    backwards = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shape = cv2.warpAffine(view.covered, window, (_SIDE, _SIDE), flags=backwards)
    inside = (shape > HALF).astype(np.uint8)
    if cv2.countNonZero(inside) < _LEAST:
        return None
    band = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((_BAND, _BAND), np.uint8))
    rows, columns = np.nonzero(band)
    soft = cv2.GaussianBlur(shape, (0, 0), _SOFT)[rows, columns].astype(np.float32) / 255
    thrown = _thrown(columns / scale + x, rows / scale + y, (wide, tall), top + tall)
    found, known = _looked_up(view.luma, thrown, 1 / scale)
    return _around(found, known, soft, (columns, rows))


def depth_of(
    outlines: dict[int, Outline],
    frames: Collection[int],
    against: Collection[int] = (),
    *,
    even: bool = False,
) -> float:
    """Return the depth, in log luma, of the shadow that fits ``frames`` best: what three quarters
    of the directions have at least; ``against`` others, how much deeper than in those. ``even``: at
    most by how much the mean lies above the spread of the directions, since a shadow is as deep in
    all of them.

    0 where there is nothing to tell by, below 0 where it is lighter all around.
    """
    here = _mean([one for number, one in outlines.items() if number in frames])
    if here is None:
        return 0.0
    depth, spread = here.shared / np.maximum(here.spread, _TINY), here.spread
    if against:
        there = _mean([one for number, one in outlines.items() if number in against])
        if there is None:
            return 0.0
        depth = depth - there.shared / np.maximum(there.spread, _TINY)
        spread = np.minimum(spread, there.spread)
    told = spread >= np.maximum(_TOLD * spread.max(axis=1, keepdims=True), _TINY)
    count = told.sum(axis=1)
    known = (count >= _DIRECTIONS) & (spread.sum(axis=1) >= _FREE)
    if not known.any():
        return 0.0
    ordered = np.sort(np.where(told, depth, np.inf), axis=1)
    least = np.maximum(np.ceil(_LESS * count).astype(int) - 1, 0)
    deep = np.take_along_axis(ordered, least[:, None], axis=1)[:, 0]
    if even:
        each = np.asarray(depth, np.float32), np.asarray(np.where(told, spread, 0), np.float32)
        deep = np.minimum(deep, _evenness(*each))
    return float(deep[known].max())


def _evenness(depth: Floats, weight: Floats) -> Floats:
    """Return the weighted mean less the standard deviation of the directions, (shadows,)."""
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), _TINY)
    mean = (share * depth).sum(axis=1)
    apart = np.square(depth - mean[:, None])
    return np.asarray(mean - np.sqrt((share * apart).sum(axis=1)), np.float32)


def _mean(outlines: list[Outline]) -> Outline | None:
    if not outlines:
        return None
    shared = np.stack([one.shared for one in outlines]).mean(axis=0)
    spread = np.stack([one.spread for one in outlines]).mean(axis=0)
    return Outline(shared, spread)


def _thrown(across: Array, down: Array, size: tuple[int, int], foot: int) -> Floats:
    """Return (shadows, 2, N): where each shadow has what the object has at (across, down)."""
    wide, tall = size
    places = [
        (
            across + shear * (foot - down) + (_LEANS * shear + aside) * wide,
            foot + flat * (down - foot) + _BELOW * tall,
        )
        for flat, shear, aside in product(_FLATTENED, _SHEARED, _ASIDE)
    ]
    return np.array(places, np.float32)


def _looked_up(luma: Array, places: Floats, soft: float) -> tuple[Floats, Floats]:
    """Return (shadows, N): log luma at the places; how much it counts, 0..1, 0 outside of the
    picture. ``soft``: px over which a shadow is smooth."""
    height, width = luma.shape
    across, down = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    seen = log_luma(luma)
    texture = cv2.GaussianBlur(np.abs(seen - cv2.GaussianBlur(seen, (0, 0), soft)), (0, 0), soft)
    usual = np.float32(max(_TEXTURE, float(np.median(texture))))
    smooth = np.exp(-np.square(texture / usual)) + np.float32(_TINY)
    found = cv2.remap(seen, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    known = cv2.remap(smooth, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    known *= (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)
    return np.asarray(found, np.float32), np.asarray(known, np.float32)


def _around(found: Floats, known: Floats, shape: Floats, place: tuple[Array, Array]) -> Outline:
    columns, rows = place
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS
    each = np.eye(_SECTORS, dtype=np.float32)[sector]
    powers = [each * power[:, None] for power in (np.ones_like(shape), shape, shape * shape)]
    _, whole = _spread(*(one.sum(axis=0, keepdims=True) for one in powers))
    dark = known * (_evenly(found, known, shape, place) - found)
    mean, spread = _spread(*(known @ one for one in powers))
    shared = dark @ powers[1] - (dark @ powers[0]) * mean
    total = max(float(whole.sum()), _TINY)
    return Outline(np.asarray(shared / total), np.asarray(spread / total))


def _spread(count: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return the mean, and the sum of the squares of what lies off it."""
    mean = np.asarray(first / np.maximum(count, np.float32(_TINY)), np.float32)
    return mean, np.asarray(np.maximum(second - mean * first, 0), np.float32)


def _evenly(found: Floats, known: Floats, shape: Floats, place: tuple[Array, Array]) -> Floats:
    """Return (shadows, N): what changes evenly across the whole of it, which is light; fitted as a
    plane together with the shadow."""
    x, y = (((one - one.mean()) / _SIDE).astype(np.float32) for one in place)
    basis: npt.NDArray[np.float32] = np.stack([np.ones_like(shape), x, y, shape], axis=1)
    squares = (basis[:, :, None] * basis[:, None, :]).reshape(len(shape), 16)
    needed = (known @ squares).reshape(-1, 4, 4) + _TINY * np.eye(4, dtype=np.float32)
    fitted = np.linalg.solve(needed, ((known * found) @ basis)[..., None])[..., 0]
    return np.asarray(fitted[:, :3] @ basis[:, :3].T, np.float32)
