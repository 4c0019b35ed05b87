"""In which frames the traces of `shadow_motion` are those of a shadow.

The regression of the darkening on the change of a shape, through the origin: its slope is the depth
of the shadow in log luma. A shadow is deep, explains most of what changed there, is as deep in all
halves of its shape, and deeper than what the same shapes find elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.shadow_motion import AT_FEET, PLACES, Trace

Values = npt.NDArray[np.float64]

# The least depth, and the least correlation of darkening and shape.
_DEEP, _ALIKE = 0.185, 0.475
# Of the depth: what the shallowest half has at least, what shapes elsewhere have at most.
_HALF, _ELSEWHERE = 0.4, 0.5
# A place elsewhere counts whose shapes changed by this share as much as those at the feet.
_TOLD: Final = 0.15
# The depth that is looked for where the whole clip says less.
_FAINT: Final = 0.04
_ROUNDS: Final = 3
_FEWEST: Final = 8


@dataclass(frozen=True, slots=True)
class Fit:
    """Traces ``first`` to ``last``, counted from 0, are of a shadow: its depth in log luma, and how
    many times the evidence that is needed there is."""

    first: int
    last: int
    depth: float
    excess: float


def fitting(traces: Sequence[Trace]) -> Fit | None:
    """Return the run of frames that a shadow explains best, None when none is one."""
    if len(traces) < _FEWEST:
        return None
    shared = np.stack([one.shared for one in traces]).astype(np.float64)
    change = np.stack([one.change for one in traces]).astype(np.float64)
    # The left and the right half are all of a shape.
    explained, needed = shared[:, :, :2].sum(axis=2), change[:, :, :2].sum(axis=2)
    run = _run(explained[:, :AT_FEET], needed[:, :AT_FEET])
    if run is None:
        return None
    part = slice(run[0], run[1] + 1)
    dark = np.stack([one.dark for one in traces[part]]).sum(axis=0)
    whole = explained[part].sum(axis=0), needed[part].sum(axis=0)
    best = _best(whole[0][:AT_FEET], whole[1][:AT_FEET])
    depth = _slope(whole[0][best], whole[1][best])
    alike = float(whole[0][best] / np.sqrt(whole[1][best] * dark[best] + 1e-9))
    if depth < _DEEP or alike < _ALIKE:
        return None
    halves = shared[part, best].sum(axis=0) / np.maximum(change[part, best].sum(axis=0), 1e-3)
    if (
        halves.min() < _HALF * depth
        or _elsewhere(*whole, float(whole[1][best])) > _ELSEWHERE * depth
    ):
        return None
    return Fit(run[0], run[1], depth, min(depth / _DEEP, alike / _ALIKE))


def _run(explained: Values, needed: Values) -> tuple[int, int] | None:
    """Return the first and the last frame of the run that one shape at the feet explains best.

    A frame speaks for a shadow of depth s by the squares that it leaves less: 2 s xy - s^2 xx.
    """
    first, last = 0, len(explained) - 1
    for _ in range(_ROUNDS):
        part = slice(first, last + 1)
        sums = explained[part].sum(axis=0), needed[part].sum(axis=0)
        best = _best(*sums)
        depth = max(_slope(sums[0][best], sums[1][best]), _FAINT)
        gains = 2 * depth * explained[:, best] - depth**2 * needed[:, best]
        run = _largest_sum(gains)
        if run is None:
            return None
        first, last = run
    return first, last


def _best(explained: Values, needed: Values) -> int:
    return int(np.argmax(explained / np.sqrt(needed + 1)))


def _slope(explained: float, needed: float) -> float:
    return float(explained / max(needed, 1e-3))


def _elsewhere(explained: Values, needed: Values, told: float) -> float:
    """Return the depth that the shapes find at two places where no shadow falls: the deepest of
    all may lie over the shadow."""
    depths = [0.0, 0.0]
    for place in np.split(np.arange(AT_FEET, len(needed)), PLACES - 1):
        best = place[_best(explained[place], needed[place])]
        if needed[best] > _TOLD * told:
            depths.append(_slope(explained[best], needed[best]))
    return sorted(depths)[-2]


def _largest_sum(gains: Values) -> tuple[int, int] | None:
    """Return the first and last place of the run with the largest sum, None when none is above 0
    (Kadane's algorithm)."""
    best, found = 0.0, None
    total, first = 0.0, 0
    for place, gain in enumerate(gains):
        if total <= 0:
            total, first = 0.0, place
        total += float(gain)
        if total > best:
            best, found = total, (first, place)
    return found
