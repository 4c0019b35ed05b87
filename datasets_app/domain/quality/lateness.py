"""Whether an outline is that of another frame: what it is off by is what it moves by.

Along the border of what was removed, how far the outline is off its usual distance is held against
how far it moves there between the frames on either side. Of a mask that is a frame late or early
the one is the other; of one that fits they have nothing to do with each other, whatever it is off
by for other reasons. What rests where it is, as the border of a shadow on one side of the object
does, would look like motion that goes on for long: what a direction is usually off by is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array

Values = npt.NDArray[np.float64]

NEAR: Final = 12.0
"""Px off the outline further than which a border is another thing's."""

LEAST: Final = 40
"""A border of fewer pixels says nothing."""

# Px around the usual distance within which a border counts, and that an outline moves by at most.
_AROUND, _MOVES = 5.0, 8.0
# Px by which a border may lie outside of where the outlines of three frames would have it.
_SLACK: Final = 1.5
# A direction with a border of fewer pixels says nothing.
_LEAST_THERE: Final = 3
# Frames that are looked at together.
_TOGETHER: Final = 7
# Of the motion, the share that a mask has to be off by; and the least correlation of the two.
_OFF, _ALIKE = 0.45, 0.27
# How many times that is needed where motion never changes, so that nothing can be taken off.
_SURE: Final = 2.0
# The outline is looked at in this many directions from its middle; of the motion, the share that
# lies in those that agree, by at least so much of it.
_SECTORS: Final = 16
_AGREED, _AGREES = 0.8, 0.3

Sums = Values
"""(16, 3) of one frame, for each direction: pixels of the border; what the outline is off by there,
above 0 for too far in; what it moves by, outwards. Both in px, around their middle, summed."""


def lateness(border: npt.NDArray[np.bool_], before: Array, here: Array, after: Array) -> Sums:
    """Return what one frame tells; the last three are ``object_away`` of three frames in turn."""
    rows, columns = np.nonzero(border)
    three = np.stack([one[border] for one in (before, here, after)]).astype(np.float64)
    off, moves = three[1], (three[0] - three[2]) / 2
    near = np.abs(off) <= NEAR
    if np.count_nonzero(near) < LEAST:
        return np.zeros((_SECTORS, 3))
    usual = usual_distance(off)
    counted = near & (np.abs(off - usual) < _AROUND) & (np.abs(moves) < _MOVES)
    counted &= explained(three, usual)
    if np.count_nonzero(counted) < LEAST:
        return np.zeros((_SECTORS, 3))
    angle = np.arctan2(rows - rows[near].mean(), columns - columns[near].mean())[counted]
    sector = ((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS
    off, moves = off[counted], moves[counted]
    summed = (np.ones_like(off), off - np.median(off), moves - moves.mean())
    return np.stack([np.bincount(sector, one, _SECTORS) for one in summed], axis=1)


def usual_distance(off: Array) -> float:
    """Return the middle of what a border, (N,), is off an outline by; 0 where none is near it."""
    near = np.abs(off) <= NEAR
    return float(np.median(off[near])) if near.any() else 0.0


def explained(distances: Array, usual: float) -> npt.NDArray[np.bool_]:
    """Return (N,): whether the ``usual`` distance lies between those, (3, N), to the outlines of
    three frames: what none of them explains is no matter of time."""
    lowest, highest = distances.min(axis=0) - _SLACK, distances.max(axis=0) + _SLACK
    return np.asarray((lowest <= usual) & (usual <= highest))


def late_or_early(frames: Sequence[Sums]) -> Values:
    """Return, per frame, how surely the outline is late or early with the frames around it: 1 is
    just seen, 0 nothing, and at the ends, where frames around are missing."""
    if not frames:
        return np.zeros(0)
    sums = np.stack(frames)
    pixels = np.where(sums[..., 0] >= _LEAST_THERE, sums[..., 0], 0)
    off, moves = (sums[..., part] / np.maximum(sums[..., 0], 1) for part in (1, 2))
    off_at_rest, steady = _usual(off, pixels), _usual(moves, pixels)
    changed = _surely(pixels, off - off_at_rest, moves)
    # Of a mask that is late all through, what it is usually off by is what it usually moves by.
    throughout = _surely(pixels, off - off_at_rest, moves - steady)
    plain = _surely(pixels, off, moves)
    return np.maximum(np.maximum(changed, plain / _SURE), np.minimum(plain, throughout))


def _usual(values: Values, pixels: Values) -> Values:
    """Return the median over the clip of each direction, 0 where it never has a border."""
    usual = np.zeros(values.shape[1])
    for direction in range(values.shape[1]):
        told = values[pixels[:, direction] > 0, direction]
        usual[direction] = np.median(told) if told.size else 0
    return usual


def _surely(pixels: Values, off: Values, moves: Values) -> Values:
    """Return how well a multiple of the motion explains what the outlines are off by."""
    found = np.zeros(len(pixels))
    products = np.stack([pixels * one for one in (-off * moves, moves * moves, off * off)], axis=2)
    half = _TOGETHER // 2
    for number in range(half, len(found) - half):
        sums = products[number - half : number + half + 1].sum(axis=0)
        shared, motion, strays = sums.sum(axis=0)
        share = abs(shared) / max(motion, 1)
        alike = abs(shared) / np.sqrt(max(motion * strays, 1))
        slopes = np.sign(shared) * sums[:, 0] / np.maximum(sums[:, 1], 1e-3)
        agreed = sums[slopes > _AGREES, 1].sum() / max(motion, 1)
        found[number] = min(share / _OFF, alike / _ALIKE) * min(1, agreed / _AGREED)
    return found
