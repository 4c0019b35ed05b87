"""Whether the removed picture is that of another frame: what it is off by is what it moves by.

Away from the object, what the full picture has more than the removed one is held against how the
removed one changes from the frame before to the frame after. Of a picture that is a frame late or
early the one is a multiple of the other; noise, encoding and what else differs is not, however
much of it there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array

Values = npt.NDArray[np.float64]

# Levels by which a change is another thing that comes or goes, and by which a pixel may lie outside
# of what it is in three frames.
_CUT, _SLACK = 40.0, 3
# Frames that are looked at together.
_TOGETHER: Final = 5
# Of the motion, the share that a picture has to be off by; and the least correlation of the two.
_OFF, _ALIKE = 0.35, 0.22
# Levels that the picture has to move by, as a root mean square.
_LEAST: Final = 0.2

Sums = Values
"""(4,): what it is off by times what it moves by; the latter and the former squared; values."""


def picture_lag(full: Array, removed: Sequence[Array], away: npt.NDArray[np.bool_]) -> Sums:
    """Return what one frame tells: its full picture, (h, w, 3), against the removed pictures of the
    frame before, of this one and of the one after, where it is ``away`` from the object."""
    seen, before, here, after = (cv2.blur(one, (3, 3)) for one in (full, *removed))
    lowest = cv2.min(cv2.min(before, here), after)
    highest = cv2.max(cv2.max(before, here), after)
    # What none of three frames explains, as a shadow in the full picture, is no matter of time.
    beyond = cv2.max(cv2.subtract(lowest, seen), cv2.subtract(seen, highest))
    strange = (_most(beyond) > _SLACK) | (_most(cv2.absdiff(after, before)) >= 2 * _CUT)
    told = away & ~strange
    counted = told.astype(np.float32)[..., None]
    off = cv2.subtract(seen, here, dtype=cv2.CV_32F) * counted
    moves = cv2.subtract(after, before, dtype=cv2.CV_32F) * (counted / 2)
    values = seen.shape[2] * np.count_nonzero(told)
    sums = (np.vdot(off, moves), np.vdot(moves, moves), np.vdot(off, off), values)
    return np.array(sums, np.float64)


def _most(picture: Array) -> Array:
    """Return (h, w): the channel that has most."""
    most: Array = reduce(cv2.max, cv2.split(picture))
    return most


def lagging(frames: Sequence[Sums]) -> Values:
    """Return, per frame, how surely the removed picture is late or early: 1 is just seen."""
    found = np.zeros(len(frames))
    half = _TOGETHER // 2
    for number in range(len(frames)):
        near = frames[max(0, number - half) : number + half + 1]
        shared, motion, off, values = np.sum(near, axis=0)
        if motion > _LEAST**2 * max(values, 1):
            found[number] = min(
                abs(shared) / motion / _OFF, abs(shared) / np.sqrt(motion * max(off, 1)) / _ALIKE
            )
    return found
