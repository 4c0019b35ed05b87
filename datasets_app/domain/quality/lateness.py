"""Whether an outline is that of another frame: what it is off by is what it moves by.

Along the border of what was removed, how far the outline is off its usual distance is held against
how far it moves there between the frames on either side. Of a mask that is a frame late or early
the one is the other; of one that fits they have nothing to do with each other, whatever it is off
by for other reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
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
_OFF, _ALIKE = 0.5, 0.3
# The outline is looked at in this many directions from its middle; of the motion, the share that
# lies in those that agree, by at least so much of it.
_SECTORS: Final = 6
_AGREED, _AGREES = 0.8, 0.3

Sums = Values
"""(6, 3) of one frame, for each direction: what the outline is off by times what it moves by, above
0 where that of the frame before fits better; what it moves by and what it is off by, squared."""


def lateness(border: npt.NDArray[np.bool_], before: Array, here: Array, after: Array) -> Sums:
    """Return what one frame tells; the last three are ``object_away`` of three frames in turn."""
    rows, columns = np.nonzero(border)
    off, moves = here[border], (before[border] - after[border]) / 2
    near = np.abs(off) <= _NEAR
    usual = np.median(off[near]) if near.any() else 0.0
    counted = near & (np.abs(off - usual) < _AROUND) & (np.abs(moves) < _MOVES)
    if np.count_nonzero(counted) < _LEAST:
        return np.zeros((_SECTORS, 3))
    off, moves = (side[counted].astype(np.float64) for side in (off, moves))
    off, moves = off - off.mean(), moves - moves.mean()
    rows, columns = rows[counted], columns[counted]
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS
    products = (-off * moves, moves * moves, off * off)
    return np.stack([np.bincount(sector, one, _SECTORS) for one in products], axis=1)


def late_or_early(frames: Sequence[Sums]) -> Values:
    """Return, per frame, how surely the outline is late or early with the frames around it: 1 is
    just seen, 0 nothing, and at the ends, where frames around are missing."""
    found = np.zeros(len(frames))
    half = _TOGETHER // 2
    for number in range(half, len(frames) - half):
        found[number] = _surely(np.sum(frames[number - half : number + half + 1], axis=0))
    return found


def _surely(sums: Sums) -> float:
    shared, motion, off = sums.sum(axis=0)
    share = abs(shared) / max(motion, 1)
    alike = abs(shared) / np.sqrt(max(motion * off, 1))
    slopes = np.sign(shared) * sums[:, 0] / np.maximum(sums[:, 1], 1e-3)
    agreed = sums[slopes > _AGREES, 1].sum() / max(motion, 1)
    return float(min(share / _OFF, alike / _ALIKE) * min(1, agreed / _AGREED))
