"""Whether an outline is that of another frame: what it is off by is what it moves by.

Along the border of what was removed, how far the outline is off its usual distance is held against
how far it moves there between the frames on either side. Of a mask that is a frame late or early
the one is the other; of one that fits they have nothing to do with each other, whatever it is off
by for other reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array

Values = npt.NDArray[np.float64]

# Px off the outline further than which a border is another thing's, around the usual distance
# within which it counts, and that an outline moves by at most.
_NEAR, _AROUND, _MOVES = 12.0, 5.0, 8.0
# A border of fewer pixels says nothing.
_LEAST: Final = 60
# Frames that are looked at together.
_TOGETHER: Final = 7
# Of the motion, the share that a mask has to be off by; and the least correlation of the two.
_OFF, _ALIKE = 0.45, 0.27


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of one frame, sums over the border: ``shared`` of what the outline is off by times what it
    moves by, above 0 where that of the frame before fits better; ``motion`` and ``off`` squared."""

    shared: float
    motion: float
    off: float


def lateness(border: npt.NDArray[np.bool_], before: Array, here: Array, after: Array) -> Lateness:
    """Return what one frame tells; the last three are ``object_away`` of three frames in turn."""
    off = here[border]
    near = np.abs(off) <= _NEAR
    if np.count_nonzero(near) < _LEAST:
        return Lateness(0.0, 0.0, 0.0)
    moves = (before[border] - after[border]) / 2
    counted = near & (np.abs(off - np.median(off[near])) < _AROUND) & (np.abs(moves) < _MOVES)
    if np.count_nonzero(counted) < _LEAST:
        return Lateness(0.0, 0.0, 0.0)
    off, moves = (side[counted].astype(np.float64) for side in (off, moves))
    off, moves = off - off.mean(), moves - moves.mean()
    return Lateness(-float(off @ moves), float(moves @ moves), float(off @ off))


def late_or_early(frames: Sequence[Lateness]) -> Values:
    """Return, per frame, how surely the outline is late or early with the frames around it: 1 is
    just seen, 0 nothing."""
    if not frames:
        return np.zeros(0)
    sums = np.array([(one.shared, one.motion, one.off) for one in frames])
    window = np.ones(_TOGETHER)
    shared, motion, off = (
        np.convolve(one, window)[_TOGETHER // 2 :][: len(sums)] for one in sums.T
    )
    share = np.abs(shared) / np.maximum(motion, 1)
    alike = np.abs(shared) / np.sqrt(np.maximum(motion * off, 1))
    return np.asarray(np.minimum(share / _OFF, alike / _ALIKE))
