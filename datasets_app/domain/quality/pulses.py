"""What changes for one frame and is as before in the next: of an outline, of a fill.

No motion is estimated: an object that moves on steadily pushes one half of its outline out and the
other in, and the median over the outline stays where it is.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array

Floats = npt.NDArray[np.float32]

LEAST_OUTLINE: Final = 40
"""An outline of fewer pixels of the small frame says nothing."""

OUTLINE_PULSE: Final = 0.4
"""Px from which an outline that grows or shrinks for a frame is seen."""

# Further than this, in px, an outline does not pulse: the object was elsewhere.
_FURTHEST: Final = 6.0
# How much more the outline moves as a whole than its parts differ.
_AS_ONE: Final = 1.2
# The bands inside and outside of the outline that are held against each other, px off it.
_NEAR, _FAR = 4.0, 12.0
_SQUARE: Final = 25
_LEAST_SHARE: Final = 0.05
FILL_PULSE: Final = 3.0
"""% from which a fill that becomes lighter or darker for a frame is seen."""

# Standard errors that the median along the outline has to be off 0; pixels within half of `_SQUARE`
# of each other are one observation.
_SURE: Final = 2.5
# Standard error of a median per standard deviation, and standard deviation per its MAD.
_ERROR: Final = 1.2533 * 1.4826
# Levels added before the logarithm, so that grain in the dark does not count.
_DARK: Final = 16


class OutlineWatch:
    """Compares each frame's outline with those of the frames beside it; keeps three."""

    def __init__(self) -> None:
        self._near: deque[tuple[Floats, float]] = deque(maxlen=3)

    def add(self, away: Floats, covered: Array) -> float | None:
        """Take the next frame's ``object_away`` and object; return, in px, by how much the whole
        outline of the frame before it stood further out than in both its neighbours, negative for
        further in.

        The smaller of two measures that have to agree: the median over the outline of the mean
        signed distance to the outlines of the neighbours, and the change of the area per length of
        the outline. 0 where they do not, or where parts of the outline differ more than it moved as
        a whole. None for the first two frames and where there is next to no outline.
        """
        self._near.append((away, float(covered.mean(dtype=np.float64)) * covered.size / 255))
        return self._growth() if len(self._near) == 3 else None

    def _growth(self) -> float | None:
        (before, area_before), (here, area), (after, area_after) = self._near
        outline = _outline(here)
        pixels = int(np.count_nonzero(outline))
        if pixels < LEAST_OUTLINE:
            return None
        moved = (before[outline] + after[outline]) / 2 - here[outline]
        middle = float(np.median(moved))
        apart = float(np.median(np.abs(moved - middle)))
        changes = [2 * (area - other) / pixels for other in (area_before, area_after)]
        grown = min(changes, key=abs)
        if min(changes) * max(changes) <= 0 or grown * middle <= 0:
            return 0.0
        if abs(middle) > _FURTHEST or abs(middle) < _AS_ONE * apart:
            return 0.0
        return min(middle, grown, key=abs)


class FillWatch:
    """Compares the light inside the outline with that outside of it; keeps one frame.

    A change is by how many % the fill became lighter (above 0) or darker than what lies across the
    outline: the median along it of the difference, between the bands of 4 to 12 px on either side,
    of the change of log luma; 0 where it is not surely another than 0.
    """

    def __init__(self) -> None:
        self._before: tuple[Floats, Floats] | None = None
        self._changes: list[float | None] = []
        self._pulses: list[float | None] = []

    def add(self, removed: Array, away: Floats) -> None:
        """Take the next frame's (H, W, 3) picture and (H, W) ``object_away``."""
        luma = np.log(cv2.cvtColor(removed, cv2.COLOR_RGB2GRAY).astype(np.float32) + _DARK)
        came = None
        if self._before is not None:
            change, there = luma - self._before[0], self._before[1]
            # Both changes along the outline of the frame between them: the object moves on.
            went, came = _seam(change, there), _seam(change, away)
            self._pulses.append(_there_and_back(self._changes[-1], went))
        self._changes.append(came)
        self._before = luma, away

    def pulses(self) -> list[float | None]:
        """Return, for each frame, how far the fill went one way and back again in the next, in %:
        the smaller change, 0 where both have the same sign, None for the first and last frame."""
        return [*self._pulses, None] if self._changes else []


def _seam(change: Floats, away: Floats) -> float | None:
    left, top, width, height = cv2.boundingRect((away <= _FAR + _SQUARE // 2).astype(np.uint8))
    part = slice(top, top + height), slice(left, left + width)
    change, away = change[part], away[part]
    if not away.size:
        return None
    near = min(_NEAR, -float(away.min()) / 2)
    inner = ((away < -near) & (away >= -near - (_FAR - _NEAR))).astype(np.float32)
    outer = ((away > _NEAR) & (away <= _FAR)).astype(np.float32)
    side = (_SQUARE, _SQUARE)
    shares = [cv2.blur(band, side) for band in (inner, outer)]
    counted = (np.abs(away) < 2) & (shares[0] > _LEAST_SHARE) & (shares[1] > _LEAST_SHARE)
    if np.count_nonzero(counted) < LEAST_OUTLINE:
        return None
    inside, outside = (
        cv2.blur(change * band, side)[counted] / share[counted]
        for band, share in zip((inner, outer), shares, strict=True)
    )
    across = inside - outside
    middle = float(np.median(across))
    apart = float(np.median(np.abs(across - middle)))
    error = _ERROR * apart / np.sqrt(across.size / _SQUARE)
    return 100 * middle if abs(middle) >= _SURE * error else 0.0


def _there_and_back(there: float | None, back: float | None) -> float | None:
    if there is None or back is None:
        return None
    return min(abs(there), abs(back)) if there * back < 0 else 0.0


def _outline(away: Floats) -> npt.NDArray[np.bool_]:
    """Return the pixels on both sides of the outline, but for those at the border of the frame."""
    near = np.abs(away) < 1.2
    near[[0, -1]] = False
    near[:, [0, -1]] = False
    return np.asarray(near)
