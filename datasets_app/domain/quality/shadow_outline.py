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
from datasets_app.domain.quality.shadow_views import Floats, Matrix, View, log_luma
from datasets_app.domain.synthesis.compositing.trimask import HALF

_FLATTENED: Final = (0.35, 0.5, 0.65, 0.8, 0.95)
_SHEARED: Final = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)
# Where the feet of a shadow are: off the object's by so many widths, and by so many times the shear
# of them; so many heights further down.
_ASIDE: Final = (-0.12, 0.0, 0.12)
_LEANS, _BELOW = 0.27, 0.06
SHADOWS: Final = len(_FLATTENED) * len(_SHEARED) * len(_ASIDE)
"""How many shadows are tried."""

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
# The same of a change, in which the scene has no edges.
_SOME, _SOME_FREE = 5, 0.15
# Levels, and share of the light, by which the sum of R, G and B may be off in a shadow.
_TINT, _TINTED = 10.0, 0.1
# Log luma beyond which no shadow changes a picture.
_CLIPPED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Outline:
    """Of each shadow and direction, (shadows, 8): ``shared``, the product of how dark it is and how
    much of the shadow lies there, both off their means; ``spread``, the latter squared.

    Both as shares of the spread of the whole outline; the first by the second is the depth of the
    shadow in log luma.
    """

    shared: Floats
    spread: Floats

    @property
    def depth(self) -> Floats:
        """(shadows, 8): how dark it is, in log luma, above 0 for darker inside."""
        return np.asarray(self.shared / np.maximum(self.spread, _TINY), np.float32)


@dataclass(frozen=True, slots=True)
class Change:
    """By how much, in log luma, it became ``darker``, or ``lighter``, inside of each shadow than
    around it: (shadows,) what three quarters of the directions have at least, at most by how much
    their mean lies above their spread; 0 where it did not. ``depth``: the mean, above 0 for darker.
    """

    darker: npt.NDArray[np.float16]
    lighter: npt.NDArray[np.float16]
    depth: npt.NDArray[np.float16]


def outline_of(view: View, scale: float) -> Outline | None:
    """Return what one frame tells, ``scale`` in window pixels per pixel; None where the object is
    too small to have a shape."""
    return _outline_in(log_luma(view.luma), view.covered, scale)


def change_of(now: View, before: View, motion: Matrix, scale: float) -> Change | None:
    """Return what one frame tells of what changed since the frame ``before``, which ``motion`` lays
    over it: the scene is in both and plays no part. None as in `outline_of`."""
    found = difference_of(now, before, motion, scale)
    return None if found is None else change_in(found)


def difference_of(now: View, before: View, motion: Matrix, scale: float) -> Outline | None:
    """Return how much darker it is than in the frame ``before``, around each shadow."""
    size = (now.luma.shape[1], now.luma.shape[0])
    backwards = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    luma, picture = (
        cv2.warpAffine(one, motion[:2], size, flags=backwards, borderMode=cv2.BORDER_REPLICATE)
        for one in (before.luma, before.picture)
    )
    seen = cv2.warpAffine(np.ones_like(luma), motion[:2], size, flags=backwards) > 0
    change = log_luma(now.luma) - log_luma(luma)
    change = np.clip(change - np.float32(np.median(change)), -_CLIPPED, _CLIPPED)
    return _outline_in(change, now.covered, scale, seen * _shaded(now.picture, picture, 1 / scale))


def _shaded(now: Array, before: Array, soft: float) -> Floats:
    """Return (h, w), 0..1: whether a (h, w, 3) picture has the colours of the one ``before`` in
    another light. A shadow leaves them, another thing seldom has them."""
    light, was = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (now, before))
    expected = before * ((light + 1) / (was + 1))[..., None]
    off = cv2.GaussianBlur(np.abs(now - expected).sum(axis=2), (0, 0), soft)
    return np.asarray(np.exp(-np.square(off / (_TINT + _TINTED * light))), np.float32)


def change_in(found: Outline) -> Change:
    """Return what is kept of a difference."""
    depth, told, known = _directions(found, _SOME, _SOME_FREE)
    darker, lighter = (
        np.where(known, np.maximum(_evenly_deep(one, told, found.spread), 0), 0)
        for one in (depth, -depth)
    )
    mean = (depth * found.spread).sum(axis=1) / np.maximum(found.spread.sum(axis=1), _TINY)
    return Change(*(one.astype(np.float16) for one in (darker, lighter, mean)))


def _outline_in(
    seen: Floats, covered: Array, scale: float, told: Floats | None = None
) -> Outline | None:
    solid = cv2.threshold(covered, HALF, 1, cv2.THRESH_BINARY)[1]
    left, top, wide, tall = cv2.boundingRect(solid)
    if not wide:
        return None
    x, y = left + wide / 2 - _SIDE / 2 / scale, top + tall / 2 - _SIDE / 2 / scale
    window = np.array([[1 / scale, 0, x], [0, 1 / scale, y]])
    backwards = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shape = cv2.warpAffine(covered, window, (_SIDE, _SIDE), flags=backwards)
    inside = (shape > HALF).astype(np.uint8)
    if cv2.countNonZero(inside) < _LEAST:
        return None
    band = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((_BAND, _BAND), np.uint8))
    rows, columns = np.nonzero(band)
    soft = cv2.GaussianBlur(shape, (0, 0), _SOFT)[rows, columns].astype(np.float32) / 255
    thrown = _thrown(columns / scale + x, rows / scale + y, (wide, tall), top + tall)
    found, known = _looked_up(seen, thrown, 1 / scale, told)
    return _around(found, known, soft, (columns, rows))


def depth_of(outlines: dict[int, Outline], frames: Collection[int]) -> float:
    """Return the depth, in log luma, of the shadow that fits ``frames`` best: what three quarters
    of the directions have at least, at most by how much their mean lies above their spread, since
    a shadow is as deep in all of them.

    0 where there is nothing to tell by, below 0 where it is lighter all around.
    """
    here = _mean([one for number, one in outlines.items() if number in frames])
    if here is None:
        return 0.0
    depth, told, known = _directions(here, _DIRECTIONS, _FREE)
    if not known.any():
        return 0.0
    return float(_evenly_deep(depth, told, here.spread)[known].max())


def _directions(found: Outline, fewest: int, free: float) -> tuple[Floats, Array, Array]:
    """Return the depths, (shadows, 8), which of them count, and of which shadows there are at least
    so many and so much of the outline is ``free`` of edges."""
    spread = found.spread
    told = spread >= np.maximum(_TOLD * spread.max(axis=1, keepdims=True), _TINY)
    known = (told.sum(axis=1) >= fewest) & (spread.sum(axis=1) >= free)
    return found.depth, told, known


def _evenly_deep(depth: Floats, told: Array, spread: Floats) -> Floats:
    """Return what all but a quarter of the directions that count have at least, at most their
    evenness, (shadows,)."""
    ordered = np.sort(np.where(told, depth, np.inf), axis=1)
    least = np.maximum(np.ceil(_LESS * told.sum(axis=1)).astype(int) - 1, 0)
    deep = np.take_along_axis(ordered, least[:, None], axis=1)[:, 0]
    return np.asarray(np.minimum(deep, _evenness(depth, np.where(told, spread, 0))), np.float32)


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


def _looked_up(
    seen: Floats, places: Floats, soft: float, told: Floats | None
) -> tuple[Floats, Floats]:
    """Return (shadows, N): log luma at the places; how much it counts, 0..1, 0 outside of the
    picture. ``soft``: px over which a shadow is smooth."""
    height, width = seen.shape
    across, down = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    texture = cv2.GaussianBlur(np.abs(seen - cv2.GaussianBlur(seen, (0, 0), soft)), (0, 0), soft)
    usual = np.float32(max(_TEXTURE, float(np.median(texture))))
    smooth = np.exp(-np.square(texture / usual)) + np.float32(_TINY)
    if told is not None:
        smooth *= told
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
