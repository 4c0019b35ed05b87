"""What was drawn, as planes of pixels, and what it goes on to say between two strokes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.planes import BoolMask, Floats

Mark = Click | Scribble | Box

_Line = npt.NDArray[np.float64]

# How far in Lab a pixel may be from the colours of two strokes, and how much of the way has to be
# nearer, for the way between them to belong to the same thing.
_LIKE, _LIKE_SHARE = 14.0, 0.8
_LOOKS: Final = 40
_MOST_LINES: Final = 24


def drawn_planes(marks: Sequence[Mark], shape: tuple[int, int]) -> tuple[BoolMask, BoolMask]:
    """Return what was stroked as the object, and as what is not."""
    planes = np.zeros((2, *shape), np.uint8)
    for mark in marks:
        if isinstance(mark, Box):
            continue
        plane = planes[0 if mark.positive else 1]
        if isinstance(mark, Click):
            points: tuple[tuple[float, float], ...] = ((mark.x, mark.y),)
            radius = 2.0
        else:
            points, radius = mark.points, mark.radius
        line = np.round(np.array(points, np.float64).clip(-1e4, 1e4)).astype(np.int32)
        if len(line) == 1:
            cv2.circle(plane, line[0].tolist(), max(1, round(radius)), 1, -1)
        elif len(line):
            cv2.polylines(plane, [line.reshape(-1, 1, 2)], False, 1, max(1, round(2 * radius - 1)))
    return planes[0] > 0, planes[1] > 0


def boxed(marks: Sequence[Mark], shape: tuple[int, int]) -> BoolMask | None:
    """Return what lies in any box, None without one."""
    boxes = [mark for mark in marks if isinstance(mark, Box)]
    if not boxes:
        return None
    inside = np.zeros(shape, bool)
    for box in boxes:
        top, left = max(0, round(box.top)), max(0, round(box.left))
        inside[top : max(0, round(box.bottom)) + 1, left : max(0, round(box.right)) + 1] = True
    return inside


def bridges(picture: RgbFrame, marks: Sequence[Mark], outside: BoolMask) -> BoolMask:
    """Return the straight ways between strokes of the object that show the colours of both.

    Two strokes on a pole or a limb say that what is between them belongs to it, too. A way that
    meets what was stroked as something else says nothing.
    """
    shape = outside.shape
    plane = np.zeros(shape, np.uint8)
    lines = [line for mark in marks if len(line := _line(mark, shape))][-_MOST_LINES:]
    if len(lines) < 2:
        return plane > 0
    lab = cv2.blur(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32), (3, 3))
    for one, two in combinations(lines, 2):
        way = _way(one, two)
        columns, rows = way[:, 0], way[:, 1]
        if len(way) < 4 or outside[rows, columns].any():
            continue
        like = _away(lab[rows, columns], np.concatenate([_at(lab, one), _at(lab, two)])) < _LIKE
        if like.mean() >= _LIKE_SHARE:
            plane[rows[like], columns[like]] = 1
    return plane > 0


def _line(mark: Mark, shape: tuple[int, ...]) -> _Line:
    """Return points of a stroke of the object that lie in the frame, not many."""
    if isinstance(mark, Box) or not mark.positive:
        return np.zeros((0, 2))
    points = np.array([(mark.x, mark.y)] if isinstance(mark, Click) else mark.points, np.float64)
    inside = ((points >= 0) & (points <= np.array([shape[1] - 1, shape[0] - 1]))).all(axis=1)
    kept: _Line = points[inside]
    some: _Line = kept[np.linspace(0, len(kept) - 1, min(len(kept), _LOOKS)).astype(int)]
    return some


def _way(one: _Line, two: _Line) -> npt.NDArray[np.int64]:
    """Return the pixels from where two strokes are nearest to each other, (N, 2) x and y."""
    apart = np.linalg.norm(one[:, None] - two[None], axis=2)
    first, second = np.unravel_index(apart.argmin(), apart.shape)
    share = np.linspace(0, 1, int(apart[first, second]) + 1)[:, None]
    return np.asarray(np.round(one[first] * (1 - share) + two[second] * share), np.int64)


def _at(lab: Floats, line: _Line) -> Floats:
    places = np.round(line).astype(np.int64)
    return lab[places[:, 1], places[:, 0]]


def _away(colours: Floats, others: Floats) -> Floats:
    """Return the distance of each colour to the nearest of ``others``."""
    away: Floats = np.linalg.norm(colours[:, None] - others[None], axis=2).min(axis=1)
    return away
