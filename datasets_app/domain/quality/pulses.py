"""What changes for one frame and is as before in the next: of an outline, of a fill."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.margins import Values, margin_pulses, margins

Floats = npt.NDArray[np.float32]

LEAST_OUTLINE: Final = 40
"""An outline of fewer pixels of the small frame says nothing."""

OUTLINE_PULSE: Final = 0.4
"""Px from which an outline that grows or shrinks for a frame is seen."""

# Further than this, in px, an outline does not pulse: the object was elsewhere.
_FURTHEST: Final = 6.0
# How much more the outline moves as a whole than its parts differ.
_AS_ONE: Final = 1.2
# How much a margin that jumps counts.
_MARGIN: Final = 0.8
# The fill begins so many px inside of the outline; what it is held against lies from there to there
# outside of it.
_INSIDE: Final = 2.0
_OUTSIDE: Final = 8.0, 40.0
_LEAST_FILL, _LEAST_AROUND = 100, 50
# What counts of how far the changes of a fill, which has texture of its own, are apart.
_APART: Final = 0.8
# Of a change, the share that may be left after a way back that is seen without motion.
_SAME: Final = 0.25
FILL_PULSE: Final = 2.0
"""% from which a fill that becomes lighter or darker for a frame is seen."""

# Levels added before the logarithm, so that grain in the dark does not count.
_DARK: Final = 16


class OutlineWatch:
    """Compares each frame's outline with those of the frames beside it; keeps three frames of it,
    and three numbers per frame.

    Two things tell of a pulse. The outline itself: an object that moves on steadily pushes one half
    of it out and the other in, and the median stays where it is. Where there is a removed picture,
    rather its distance to what differs (`margins`): an object may jump itself.
    """

    def __init__(self) -> None:
        self._near: deque[tuple[Floats, float]] = deque(maxlen=3)
        self._growths: list[float | None] = []
        self._margins: list[Values | None] = []

    def add(self, frame: Mapping[str, Array]) -> None:
        """Take the next frame: its ``object_away`` and ``object_small``, and the small pair of
        pictures if there is one."""
        covered = frame["object_small"]
        area = float(covered.mean(dtype=np.float64)) * covered.size / 255
        self._near.append((frame["object_away"], area))
        self._growths.append(self._growth() if len(self._near) == 3 else None)
        paired = "rgb_full_small" in frame and "rgb_removed_small" in frame
        self._margins.append(margins(frame) if paired else None)

    def pulses(self) -> list[float | None]:
        """Return, for each frame, by how many px the whole outline stands further out, or in, than
        in both its neighbours; None for the first and last frame and where nothing is known."""
        growths = [*self._growths[1:], None][: len(self._growths)]
        found: list[float | None] = []
        jumps = margin_pulses(self._margins)
        for growth, jump, margin in zip(growths, jumps, self._margins, strict=True):
            if jump is not None:
                found.append(_MARGIN * abs(jump))
            elif growth is not None and margin is None:
                found.append(abs(growth))
            else:  # the object itself may jump, and there is something else that would tell
                found.append(None if growth is None else 0.0)
        return found

    def _growth(self) -> float | None:
        """Return, in px, by how much the outline of the middle frame stands further out than in
        both its neighbours, negative for further in.

        The smaller of two measures that have to agree: the median over the outline of the mean
        signed distance to the outlines of the neighbours, and the change of the area per length of
        the outline. 0 where they do not, or where parts of the outline differ more than it moved as
        a whole. None where there is next to no outline.
        """
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


@dataclass(frozen=True, slots=True)
class _Change:
    """By how many % a fill became lighter than what lies around it: ``carried`` along by the motion
    of the picture, whether that is ``sure``, and in ``place``, without motion."""

    carried: float
    sure: bool
    place: float

    @property
    def told(self) -> float:
        """What says more."""
        return self.carried if self.sure else self.place


class FillWatch:
    """Compares each frame's fill with that of the frame before, carried along by the motion of the
    picture; keeps one small frame, and three numbers per frame.

    A change is by how many % the fill became lighter (above 0) or darker than what lies around it:
    the difference of the medians, inside and outside of the outline, of the change of log luma.
    """

    def __init__(self) -> None:
        self._changes: list[_Change | None] = []
        self._before: Floats | None = None

    def add(self, frame: Mapping[str, Array]) -> None:
        """Take the next frame: its ``object_away``, ``rgb_removed_small`` and, but for the first,
        ``rgb_removed_moved``."""
        moved, here, before = (
            frame.get("rgb_removed_moved"),
            _log_luma(frame["rgb_removed_small"]),
            self._before,
        )
        self._before = here
        if moved is None or before is None:
            self._changes.append(None)
            return
        away = frame["object_away"]
        inside, around = away < -_INSIDE, (away > _OUTSIDE[0]) & (away < _OUTSIDE[1])
        change = None
        if np.count_nonzero(inside) >= _LEAST_FILL and np.count_nonzero(around) >= _LEAST_AROUND:
            carried = here - _log_luma(moved)
            lighter, sure = _lighter(carried[inside], carried[around])
            in_place = here - before
            place, _ = _lighter(in_place[inside], in_place[around])
            change = _Change(lighter, sure, place)
        self._changes.append(change)

    def pulses(self) -> list[float | None]:
        """Return, for each frame, how far the fill went one way and back again in the next, in %:
        the smaller change, 0 where both have the same sign, None for the first and last frame."""
        back = [*self._changes[1:], None][: len(self._changes)]
        return [_there_and_back(*both) for both in zip(self._changes, back, strict=True)]


def _lighter(inside: Floats, around: Floats) -> tuple[float, bool]:
    """Return the difference of the medians, in %, and whether it is more than either side is apart:
    else the picture may not have been carried along well."""
    middles = float(np.median(inside)), float(np.median(around))
    apart = [
        float(np.median(np.abs(side - middle)))
        for side, middle in zip((inside, around), middles, strict=True)
    ]
    lighter = middles[0] - middles[1]
    return 100 * lighter, abs(lighter) >= max(_APART * apart[0], apart[1])


def _log_luma(picture: Array) -> Floats:
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(np.log(luma + _DARK), np.float32)


def _there_and_back(there: _Change | None, back: _Change | None) -> float | None:
    """Return the smaller of two changes that cancel out, of which the first is sure: it may have
    spoilt the motion that the second is seen by."""
    if there is None or back is None:
        return None
    if not there.sure or there.carried * back.told >= 0:
        return 0.0
    if not back.sure and abs(there.carried + back.place) > _SAME * abs(there.carried):
        return 0.0
    return min(abs(there.carried), abs(back.told))


def _outline(away: Floats) -> npt.NDArray[np.bool_]:
    """Return the pixels on both sides of the outline, but for those at the border of the frame."""
    near = np.abs(away) < 1.2
    near[[0, -1]] = False
    near[:, [0, -1]] = False
    return np.asarray(near)
