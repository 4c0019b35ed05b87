"""How far an outline stands off what differs between the full and the removed picture.

Whatever moves, a mask keeps its distance to what was removed: a frame in which it does not, and
does again in the next, has an outline that jumps. Motion, which `OutlineWatch` has to tell from
jumps, plays no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array, largest_difference

# Levels by which an object differs from what is behind it, after averaging over 3 x 3 pixels.
_DIFFERS: Final = 12
# Px off the outline further than which a border is another thing's.
_NEAR: Final = 12.0
# Px around the median of those distances within which a border is the object's.
_AROUND: Final = 4.0
# Px that the means of the nearest and of the furthest third lie apart at most.
_UNEVEN: Final = 4.0
# A border of fewer pixels says nothing.
_LEAST: Final = 60
# How many times the median step from frame to frame is usual.
_WANDERS: Final = 1.5

Values = npt.NDArray[np.float64]


def border_of_removed(full: Array, removed: Array) -> npt.NDArray[np.bool_]:
    """Return (h, w): the border of what differs between two (h, w, 3) pictures, but for what lies
    at the border of the frame."""
    differs = largest_difference(cv2.blur(full, (3, 3)), cv2.blur(removed, (3, 3))) > _DIFFERS
    square = np.ones((3, 3), np.uint8)
    opened = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_OPEN, square)
    border = cv2.morphologyEx(opened, cv2.MORPH_GRADIENT, square) > 0
    border[[0, -1]] = False
    border[:, [0, -1]] = False
    return np.asarray(border)


def margins(frame: Mapping[str, Array]) -> Values | None:
    """Return (3,) px: how far the border of what differs lies outside of the outline, the mean of
    its nearest, middle and furthest third; None without a border to tell by.

    Needs ``rgb_full_small``, ``rgb_removed_small`` and ``object_away``.
    """
    border = border_of_removed(frame["rgb_full_small"], frame["rgb_removed_small"])
    away = frame["object_away"][border]
    away = away[np.abs(away) <= _NEAR]
    if away.size < _LEAST:
        return None
    away = np.sort(away[np.abs(away - np.median(away)) <= _AROUND])
    thirds = np.array_split(away.astype(np.float64), 3)
    return np.array([part.mean() for part in thirds])


def margin_pulses(course: list[Values | None]) -> list[float | None]:
    """Return, per frame, by how many px the outline stands off its distance in both frames beside
    it, more than it wanders from frame to frame in this clip: of its thirds the middle one, 0 where
    the frames beside do not agree; above 0 for further out."""
    found: list[float | None] = [None] * len(course)
    wanders = []
    for number in range(1, len(course) - 1):
        before, here, after = course[number - 1 : number + 2]
        if before is None or here is None or after is None:
            continue
        if max(one[-1] - one[0] for one in (before, here, after)) > _UNEVEN:
            continue
        changes = [float(np.median(other - here)) for other in (before, after)]
        wanders.append(abs(changes[1]))
        found[number] = min(changes, key=abs) if changes[0] * changes[1] > 0 else 0.0
    usual = _WANDERS * float(np.median(wanders)) if wanders else 0.0
    return [None if one is None else _more_than(one, usual) for one in found]


def _more_than(jump: float, usual: float) -> float:
    return float(np.sign(jump) * max(0.0, abs(jump) - usual))
