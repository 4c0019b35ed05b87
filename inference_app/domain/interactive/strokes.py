"""What was drawn, as planes of pixels, and what it goes on to say between two strokes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.planes import BoolMask, Floats, Window

Mark = Click | Scribble | Box

_Line = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]

# How far in Lab a pixel may be from the colours of two strokes, and how much of the way has to be
# nearer, for the way between them to belong to the same thing.
_LIKE, _LIKE_SHARE = 14.0, 0.8
_SHORTEST: Final = 4
_LOOKS: Final = 40
_MOST_LINES: Final = 24


class _Ways(NamedTuple):
    """Straight ways one after the other. ``pixels``: (N, 2) x and y; ``owner``: (N,) which way each
    is of; ``pairs``: (W, 2) the strokes that each way joins."""

    pixels: _Numbers
    owner: _Numbers
    pairs: _Numbers


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
    plane = np.zeros(outside.shape, bool)
    lines = [line for mark in marks if len(line := _line(mark, plane.shape))][-_MOST_LINES:]
    if len(lines) < 2:
        return plane
    window = _around(lines, plane.shape)
    lab = cv2.cvtColor(picture[window.slices], cv2.COLOR_RGB2LAB).astype(np.float32)
    lab, outside, part = cv2.blur(lab, (3, 3)), outside[window.slices], plane[window.slices]
    lines = [line - (window.left, window.top) for line in lines]
    ways = _ways(lines)
    columns, rows = ways.pixels.T
    like = _nearest(lab[rows, columns], [_at(lab, line) for line in lines], ways) < _LIKE
    counts = np.bincount(ways.owner)
    said = (np.bincount(ways.owner, like) / counts >= _LIKE_SHARE) & (counts >= _SHORTEST)
    said &= np.bincount(ways.owner, outside[rows, columns]) == 0
    shown = like & said[ways.owner]
    part[rows[shown], columns[shown]] = True
    return plane


def _line(mark: Mark, shape: tuple[int, ...]) -> _Line:
    """Return points of a stroke of the object that lie in the frame, not many."""
    if isinstance(mark, Box) or not mark.positive:
        return np.zeros((0, 2))
    points = np.array([(mark.x, mark.y)] if isinstance(mark, Click) else mark.points, np.float64)
    inside = ((points >= 0) & (points <= np.array([shape[1] - 1, shape[0] - 1]))).all(axis=1)
    kept: _Line = points[inside]
    some: _Line = kept[np.linspace(0, len(kept) - 1, min(len(kept), _LOOKS)).astype(int)]
    return some


def _around(lines: Sequence[_Line], shape: tuple[int, ...]) -> Window:
    """Return what the strokes span, with what a blur of their pixels looks at."""
    points = np.concatenate(lines).astype(np.int64)
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    return Window(top, bottom + 1, left, right + 1).grown(2, shape)


def _ways(lines: Sequence[_Line]) -> _Ways:
    """Return the pixels between every two strokes, from where they are nearest to each other."""
    pairs = np.array(list(combinations(range(len(lines)), 2)))
    ends = np.array([line[0] for line in lines])[pairs]
    long = np.array([len(line) > 1 for line in lines])
    for at in np.flatnonzero(long[pairs].any(axis=1)):
        ends[at] = _ends(lines[pairs[at, 0]], lines[pairs[at, 1]])
    lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(pairs)), lengths)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    share = (step / np.maximum(lengths - 1, 1)[owner])[:, None]
    first, last = ends[owner, 0], ends[owner, 1]
    pixels = np.round(first * (1 - share) + last * share).astype(np.int64)
    return _Ways(pixels, owner, pairs)


def _ends(one: _Line, two: _Line) -> tuple[_Line, _Line]:
    """Return the two points, one of each stroke, that are nearest to each other."""
    apart = ((one[:, None] - two[None]) ** 2).sum(axis=2)
    first, second = divmod(int(apart.argmin()), len(two))
    return one[first], two[second]


def _nearest(colours: Floats, strokes: Sequence[Floats], ways: _Ways) -> Floats:
    """Return how far the colour of each pixel of the ways is from the two strokes of its way."""
    points = np.array([stroke[0] for stroke in strokes])
    away = np.full(len(colours), np.inf, np.float32)
    for of in ways.pairs[ways.owner].T:
        away = np.minimum(away, np.linalg.norm(colours - points[of], axis=1))
    for number, stroke in enumerate(strokes):
        if len(stroke) == 1:
            continue
        own = (ways.pairs == number).any(axis=1)[ways.owner]
        apart = np.linalg.norm(colours[own][:, None] - stroke[None], axis=2).min(axis=1)
        away[own] = np.minimum(away[own], apart)
    return away


def _at(lab: Floats, line: _Line) -> Floats:
    places = np.round(line).astype(np.int64)
    return lab[places[:, 1], places[:, 0]]
