"""What changes for one frame and is as before in the next: of an outline, of a fill."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.margins import Values, margin_pulses, margins
from datasets_app.domain.quality.periods import recurring

Floats = npt.NDArray[np.float32]

LEAST_OUTLINE: Final = 40
"""An outline of fewer pixels of the small frame says nothing."""

OUTLINE_PULSE: Final = 0.75
OUTLINE_AGAIN: Final = 0.3
"""Px from which an outline that grows or shrinks for a frame is seen, once and when it comes back.
"""

# The same where it comes back, of the outline alone.
_GROWN_AGAIN: Final = 0.8

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
# Px outside of the outline in which a fill still shows; how many times the median step from frame
# to frame is usual there.
_SEAM, _WANDERS = 5.0, 1.5
# What counts of how far the changes of a fill, which has texture of its own, are apart.
_APART: Final = 0.8
# Of a change, the share that may be left after a way back that is seen without motion.
_SAME: Final = 0.25
FILL_PULSE: Final = 12.0
FILL_AGAIN: Final = 2.0
SEAM_PULSE: Final = 2.0
SEAM_AGAIN: Final = 0.8
"""% from which a fill that becomes lighter or darker for a frame is seen, once and when it comes
back; and the same of where it begins, against the full picture."""

# Levels added before the logarithm, so that grain in the dark does not count.
_DARK: Final = 16


@dataclass(frozen=True, slots=True)
class _Growth:
    """By how many px an outline stands further out than in the frames beside it: the ``middle`` of
    its parts, how far those are ``apart``, and by its area ``before`` and ``after``."""

    middle: float
    apart: float
    before: float
    after: float

    @property
    def told(self) -> float:
        """What both agree about, negative for further in: 0 where they do not, or where parts of
        the outline differ more than it moved as a whole."""
        grown = min(self.before, self.after, key=abs)
        if self.before * self.after <= 0 or grown * self.middle <= 0:
            return 0.0
        if abs(self.middle) > _FURTHEST or abs(self.middle) < _AS_ONE * self.apart:
            return 0.0
        return min(self.middle, grown, key=abs)


class OutlineWatch:
    """Compares each frame's outline with those of the frames beside it; keeps three frames of it,
    and three numbers per frame.

    Two things tell of a pulse. The outline itself: an object that moves on steadily pushes one half
    of it out and the other in, and the median stays where it is. Where there is a removed picture,
    rather its distance to what differs (`margins`): an object may jump itself. But it does not jump
    at equal distances: there the outline tells, if its margin says the same once.
    """

    def __init__(self) -> None:
        self._near: deque[tuple[Floats, float]] = deque(maxlen=3)
        self._growths: list[_Growth | None] = []
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
        """Return, for each frame, by how many px the whole outline stands further out, below 0
        further in, than in both its neighbours; None for the first and last frame and where nothing
        is known."""
        growths = [*self._growths[1:], None][: len(self._growths)]
        found: list[float | None] = []
        jumps = margin_pulses(self._margins)
        for growth, jump, margin in zip(growths, jumps, self._margins, strict=True):
            if jump is not None:
                found.append(_MARGIN * jump)
            elif growth is not None and margin is None:
                found.append(growth.told)
            else:  # the object itself may jump, and there is something else that would tell
                found.append(None if growth is None else 0.0)
        return found

    def surely(self) -> list[float]:
        """Return, for each frame, how many times the evidence that is needed there is."""
        pulses, grown = self.pulses(), self._grown()
        sure = _surely(pulses, OUTLINE_PULSE, OUTLINE_AGAIN)
        back = recurring(grown, _GROWN_AGAIN)
        if any((pulses[at] or 0) * np.sign(grown[at]) >= OUTLINE_AGAIN for at in back):
            for at in back:
                sure[at] = max(sure[at], abs(grown[at]) / _GROWN_AGAIN)
        return sure

    def _grown(self) -> list[float]:
        """Return what the outline alone tells of each frame, 0 where it tells nothing."""
        growths = [*self._growths[1:], None][: len(self._growths)]
        return [0.0 if one is None else one.told for one in growths]

    def _growth(self) -> _Growth | None:
        """Return how the middle frame's outline lies; None where there is next to none."""
        (before, area_before), (here, area), (after, area_after) = self._near
        outline = _outline(here)
        pixels = int(np.count_nonzero(outline))
        if pixels < LEAST_OUTLINE:
            return None
        moved = (before[outline] + after[outline]) / 2 - here[outline]
        middle = float(np.median(moved))
        apart = float(np.median(np.abs(moved - middle)))
        changes = [2 * (area - other) / pixels for other in (area_before, area_after)]
        return _Growth(middle, apart, changes[0], changes[1])


@dataclass(frozen=True, slots=True)
class _Change:
    """By how many % a fill became lighter than what lies around it: ``carried`` along by the motion
    of the picture, how far that is ``apart`` on either side, and in ``place``, without motion."""

    carried: float
    apart: float
    place: float

    @property
    def sure(self) -> bool:
        """Whether it is more than either side is apart: else the picture may not have been carried
        along well."""
        return abs(self.carried) >= self.apart

    @property
    def told(self) -> float:
        """What says more."""
        return self.carried if self.sure else self.place


class FillWatch:
    """Compares each frame's fill with that of the frame before, carried along by the motion of the
    picture; keeps one small frame, and four numbers per frame.

    A change is by how many % the fill became lighter (above 0) or darker than what lies around it:
    the difference of the medians, inside and outside of the outline, of the change of log luma.
    """

    def __init__(self) -> None:
        self._changes: list[_Change | None] = []
        self._seams: list[float | None] = []
        self._before: Floats | None = None

    def add(self, frame: Mapping[str, Array]) -> None:
        """Take the next frame: its ``object_away``, ``rgb_removed_small`` and, but for the first,
        ``rgb_removed_moved``; ``rgb_full_small`` if there is one."""
        moved, here, before = (
            frame.get("rgb_removed_moved"),
            _log_luma(frame["rgb_removed_small"]),
            self._before,
        )
        self._before = here
        self._seams.append(_seam(frame, here))
        if moved is None or before is None:
            self._changes.append(None)
            return
        away = frame["object_away"]
        inside, around = away < -_INSIDE, (away > _OUTSIDE[0]) & (away < _OUTSIDE[1])
        change = None
        if np.count_nonzero(inside) >= _LEAST_FILL and np.count_nonzero(around) >= _LEAST_AROUND:
            lighter, apart = _lighter(here - _log_luma(moved), inside, around)
            place, _ = _lighter(here - before, inside, around)
            change = _Change(lighter, apart, place)
        self._changes.append(change)

    def pulses(self) -> list[float | None]:
        """Return, for each frame, how far the fill went one way and back again in the next, in %,
        above 0 for lighter: the smaller change, 0 where both have the same sign, None for the first
        and last frame."""
        back = [*self._changes[1:], None][: len(self._changes)]
        return [_there_and_back(*both) for both in zip(self._changes, back, strict=True)]

    def surely(self) -> list[float]:
        """Return, for each frame, how many times the evidence that is needed there is. Where the
        full picture shows the seam, that alone tells: no motion of the scene parts the pictures."""
        seams = _surely(self.seams(), SEAM_PULSE, SEAM_AGAIN)
        fills = _surely(self.pulses(), FILL_PULSE, FILL_AGAIN)
        return [max(both) for both in zip(seams, fills, strict=True)]

    def seams(self) -> list[float | None]:
        """Return the same of how much lighter the removed picture is than the full one just outside
        of the outline, in %, beyond what that wanders from frame to frame in this clip."""
        found: list[float | None] = [None] * len(self._seams)
        steps = [abs(b - a) for a, b in pairwise(self._seams) if a is not None and b is not None]
        usual = _WANDERS * float(np.median(steps)) if steps else 0.0
        for number in range(1, len(found) - 1):
            before, here, after = self._seams[number - 1 : number + 2]
            if before is not None and here is not None and after is not None:
                changes = here - before, here - after
                jump = min(changes, key=abs) if changes[0] * changes[1] > 0 else 0.0
                found[number] = float(np.sign(jump)) * max(0.0, abs(jump) - usual)
        return found


def _surely(pulses: list[float | None], alone: float, again: float) -> list[float]:
    """Return how many times the evidence that is needed there is: ``again`` of what comes back
    alike, else ``alone``; twice that beside a frame that jumps, too, as what goes in jerks does."""
    back = recurring(pulses, again)
    heights = np.abs([one or 0.0 for one in pulses])
    beside = np.pad(heights, 1)
    jerks = np.maximum(beside[:-2], beside[2:]) >= heights / 2
    needed = np.where(jerks, 2 * alone, alone)
    needed[list(back)] = again
    return [float(one) for one in heights / needed]


def _lighter(change: Floats, inside: Array, around: Array) -> tuple[float, float]:
    """Return the difference of the medians, in %, and how far either side is apart, in %."""
    sides = change[inside], change[around]
    middles = [float(np.median(side)) for side in sides]
    apart = [
        float(np.median(np.abs(side - middle))) for side, middle in zip(sides, middles, strict=True)
    ]
    return 100 * (middles[0] - middles[1]), 100 * max(_APART * apart[0], apart[1])


def _seam(frame: Mapping[str, Array], removed: Floats) -> float | None:
    """Return by how many % the removed picture is lighter than the full one where it begins, just
    outside of the object; None where there is no such place."""
    if "rgb_full_small" not in frame:
        return None
    away = frame["object_away"]
    ring = (away > 0) & (away < _SEAM) & (frame["object_small"] == 0)
    if np.count_nonzero(ring) < LEAST_OUTLINE:
        return None
    full = _log_luma(frame["rgb_full_small"])
    return 100 * float(np.median(removed[ring] - full[ring]))


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
    return float(np.sign(there.carried)) * min(abs(there.carried), abs(back.told))


def _outline(away: Floats) -> npt.NDArray[np.bool_]:
    """Return the pixels on both sides of the outline, but for those at the border of the frame."""
    near = np.abs(away) < 1.2
    near[[0, -1]] = False
    near[:, [0, -1]] = False
    return np.asarray(near)
