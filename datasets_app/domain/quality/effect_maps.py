"""Whether something dark stands beside the object, wherever the object goes.

A shadow that stayed behind in the removed picture darkens the scene smoothly, keeps its texture,
and has roughly the object's shape at a fixed offset from it. Two pictures of the scene, laid over
each other by the motion of the camera, show when it comes or goes (`onset_map`): that is asked at
every offset at once, by correlation of the difference with the object's shape.

Everything is measured in a window around the object in which that is about 28 px across, so that
offsets are in units of its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array, Flow
from datasets_app.domain.synthesis.compositing.trimask import HALF

Floats: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = npt.NDArray[np.float64]
"""(3, 3): coordinates of one picture to those of another."""

SIDE: Final = 88
"""Side of the window in px."""

REACH: Final = 24
"""Largest offset in px of the window, either way."""

_STEP: Final = 2
_ACROSS: Final = 28
_LARGEST: Final = 44
# How far a shadow lies flattened at the object's feet: upright, and half as high.
_FLATTENED: Final = (1.0, 0.5)
# What surrounds a shape: all up to half the first side around it, but not up to half the second.
_RING: Final = (21, 11)
# Log luma by which texture may differ between two views of the same place.
_TEXTURE: Final = 0.04
# Levels added before the logarithm, so that grain in the dark does not count.
_DARK: Final = 16
_CLIPPED: Final = 0.8
# Share of a shape that has to be seen for its mean to count.
_SEEN: Final = 0.3

MAPS: Final = (len(_FLATTENED), REACH // _STEP * 2 + 1, REACH // _STEP * 2 + 1)
"""Shape of a map: flattening, offset down, offset across."""


@dataclass(frozen=True, slots=True)
class View:
    """One frame: (h, w) luma, smoothed to what the window shows of it, and (h, w) object."""

    luma: Array
    covered: Array


def window_scale(covered: Array) -> float | None:
    """Return window pixels per pixel of ``covered``, for this clip; None without an object."""
    _, _, width, height = cv2.boundingRect(_solid(covered))
    if not width:
        return None
    return float(min(_ACROSS / np.sqrt(width * height), _LARGEST / max(width, height), 2.0))


def window_at(covered: Array, scale: float) -> Matrix | None:
    """Return where the window lies around this frame's object; None without one."""
    left, top, width, height = cv2.boundingRect(_solid(covered))
    if not width:
        return None
    x, y = (left + width / 2 - SIDE / 2 / scale), (top + height / 2 - SIDE / 2 / scale)
    return np.array([[1 / scale, 0, x], [0, 1 / scale, y], [0, 0, 1]])


def view_of(removed: Array, covered: Array, scale: float) -> View:
    """Return what is kept of a frame."""
    luma = cv2.cvtColor(removed, cv2.COLOR_RGB2GRAY)
    if scale < 0.8:
        luma = cv2.GaussianBlur(luma, (0, 0), 0.45 / scale)
    return View(luma, covered)


def camera_motion(flow: Flow) -> Matrix:
    """Return where this frame's pixels were in the frame before, as one similarity for all."""
    height, width = flow.shape[:2]
    apart = max(4, width // 30)
    rows, columns = np.mgrid[apart // 2 : height : apart, apart // 2 : width : apart]
    here = np.stack([columns, rows], -1).reshape(-1, 2).astype(np.float32)
    there = here + flow[rows, columns].reshape(-1, 2)
    found, _ = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=1.0, maxIters=200
    )
    return np.eye(3) if found is None else np.vstack([found, [0, 0, 1]])


def _seen_object(view: View, window: Matrix) -> Floats:
    """Return the (SIDE, SIDE) object, 0..1, of a view through a window."""
    return np.asarray(_seen_through(view.covered, window), np.float32) / np.float32(255)


def onset_map(now: View, before: View, window: Matrix, window_before: Matrix) -> Floats:
    """Return `MAPS`: by how much, in log luma, it became darker at each offset of the object."""
    change, weight = _difference(now, before, window, window_before)
    shape = np.minimum(_seen_object(now, window), _seen_object(before, window_before))
    onsets = [_onset(change, weight, _flattened(shape, share)) for share in _FLATTENED]
    return np.stack(onsets).astype(np.float32)


def _onset(change: Floats, weight: Floats, shape: Floats) -> Floats:
    inside, around = -_mean(change, weight, shape), -_mean(change, weight, _ring(shape))
    against = inside - around
    agree = np.sign(inside) == np.sign(against)
    darker = np.where(agree, np.sign(inside) * np.minimum(abs(inside), abs(against)), 0)
    return darker.astype(np.float32)


def _difference(
    now: View, before: View, window: Matrix, window_before: Matrix
) -> tuple[Floats, Floats]:
    """Return the change of log luma, weighted, and the weight 0..1: where texture agrees."""
    one, two = (
        log_luma(_seen_through(v.luma, w)) for v, w in ((now, window), (before, window_before))
    )
    inside = np.full_like(now.luma, 1)
    seen = (_seen_through(inside, window) > 0) & (_seen_through(inside, window_before) > 0)
    if not seen.any():
        return np.zeros_like(one), np.zeros_like(one)
    change = one - two
    change -= np.median(change[seen])
    texture = cv2.GaussianBlur(np.abs(change - cv2.GaussianBlur(change, (0, 0), 1.5)), (0, 0), 2)
    weight: Floats = (seen * np.exp(-np.square(texture / _TEXTURE))).astype(np.float32)
    return np.clip(change, -_CLIPPED, _CLIPPED) * weight, weight


def _mean(change: Floats, weight: Floats, shape: Floats) -> Floats:
    """Return the weighted mean of the change under ``shape`` at every offset, 0 where unseen."""
    total = float(shape.sum())
    if total < 2:
        return np.zeros(MAPS[1:], np.float32)
    counted = _correlated(weight, shape)
    mean = _correlated(change, shape) / np.maximum(counted, 1e-3)
    return np.where(counted < _SEEN * total, 0, mean).astype(np.float32)


def _correlated(picture: Floats, shape: Floats) -> Floats:
    wide = cv2.copyMakeBorder(picture, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT)
    every: Floats = cv2.matchTemplate(wide, shape, cv2.TM_CCORR)
    return every[::_STEP, ::_STEP]


def _flattened(shape: Floats, share: float) -> Floats:
    rows = np.flatnonzero(shape.max(axis=1) > 0.5)
    if share == 1 or not rows.size:
        return shape
    move = np.array([[1, 0, 0], [0, share, (1 - share) * rows[-1]]])
    return np.asarray(cv2.GaussianBlur(cv2.warpAffine(shape, move, (SIDE, SIDE)), (0, 0), 1.5))


def _ring(shape: Floats) -> Floats:
    wide, near = (cv2.dilate(shape, np.ones((side, side))) for side in _RING)
    return np.asarray(wide - near)


def _seen_through(picture: Array, window: Matrix) -> Array:
    """Return the (SIDE, SIDE) part of a picture that a window shows, 0 outside of it."""
    backwards = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, window[:2], (SIDE, SIDE), flags=backwards))


def _solid(covered: Array) -> Array:
    return (covered > HALF).astype(np.uint8)


def log_luma(luma: Array) -> Floats:
    """Return the logarithm of levels, of the dark ones flattened."""
    return np.log(luma.astype(np.float32) + _DARK)
