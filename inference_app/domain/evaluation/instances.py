"""How well the mattes of several objects in a picture are, when nobody says which is whose.

Y. Sun, C.-K. Tang, Y.-W. Tai, "Human Instance Matting via Mutual Guidance and Multi-Instance
Refinement", CVPR 2022: mattes are matched one to one by the overlap of what they cover, and IMQ is
how alike the matched ones are, less what has no partner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from datasets_app.domain.quality.alpha_errors import (
    Plane,
    Where,
    connectivity_error,
    gradient_error,
)
from matteweb.errors import BadInput

ERRORS: Final = ("mad", "mse", "grad", "conn")
KINDS: Final = (*ERRORS, "iou")
_STEEP: Final = 10
"""An error of a tenth, averaged over what the two cover, is no likeness at all."""

Overlaps: TypeAlias = npt.NDArray[np.float64]
"""(predicted, true) float64: intersection over union of what they cover."""


@dataclass(frozen=True, slots=True)
class InstanceQuality:
    """``matched``, ``extra`` and ``missed`` mattes; ``recognition`` (RQ), and by kind of likeness
    ``matting`` (MQ) and ``both`` (IMQ), 0 to 1. None where there was nothing to measure.
    """

    matched: int
    extra: int
    missed: int
    recognition: float | None
    matting: dict[str, float | None]
    both: dict[str, float | None]


@dataclass(slots=True)
class _Sums:
    matched: int = 0
    extra: int = 0
    missed: int = 0
    likeness: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))

    def quality(self) -> InstanceQuality:
        weight = self.matched + 0.5 * (self.extra + self.missed)
        return InstanceQuality(
            self.matched,
            self.extra,
            self.missed,
            self.matched / weight if weight else None,
            {
                kind: value / self.matched if self.matched else None
                for kind, value in self.likeness.items()
            },
            {kind: value / weight if weight else None for kind, value in self.likeness.items()},
        )


class InstanceMeter:
    """Adds up pictures, at each of ``least`` overlaps that two mattes need to be of one object."""

    def __init__(self, least: Sequence[float] = (0.5,)) -> None:
        """Raise BadInput for an overlap that is not above 0 and at most 1."""
        for overlap in least:
            if not 0 < overlap <= 1:
                raise BadInput(
                    f"an overlap of {overlap} decides nothing", hint="above 0 and at most 1"
                )
        self._sums = {overlap: _Sums() for overlap in least}

    def add(self, predicted: Sequence[Plane], true: Sequence[Plane]) -> None:
        """Take in a picture: mattes (H, W) in 0..1. Raises BadInput for different sizes.

        A matte that covers nothing is none.
        """
        found = [plane for plane in predicted if plane.any()]
        truths = [plane for plane in true if plane.any()]
        if len({plane.shape for plane in (*found, *truths)}) > 1:
            raise BadInput("mattes of one picture have different sizes")
        overlaps = overlaps_of([p > 0 for p in found], [t > 0 for t in truths])
        best = list(zip(*linear_sum_assignment(-overlaps), strict=True))

        @cache
        def likeness(one: int, other: int) -> dict[str, float]:
            alike = likeness_of(found[one], truths[other])
            return alike | {"iou": float(overlaps[one, other])}

        for least, sums in self._sums.items():
            pairs = [pair for pair in best if overlaps[pair] >= least]
            for pair in pairs:
                for kind, value in likeness(*pair).items():
                    sums.likeness[kind] += value
            sums.matched += len(pairs)
            sums.extra += len(found) - len(pairs)
            sums.missed += len(truths) - len(pairs)

    def finish(self) -> dict[float, InstanceQuality]:
        """Return what all pictures come to, at each least overlap."""
        return {least: sums.quality() for least, sums in self._sums.items()}


def likeness_of(alpha: Plane, truth: Plane) -> dict[str, float]:
    """Return 1 for equal mattes down to 0, by kind of error, over what either covers."""
    where: Where = (alpha > 0) | (truth > 0)
    apart = (alpha - truth)[where].astype(np.float64)
    sums = {
        "mad": float(np.abs(apart).sum()),
        "mse": float(np.square(apart).sum()),
        "grad": gradient_error(alpha, truth, where),
        "conn": connectivity_error(alpha, truth, where),
    }
    # One more than the pixels, as published.
    return {kind: 1 - min(_STEEP * total / (apart.size + 1), 1) for kind, total in sums.items()}


def overlaps_of(predicted: Sequence[Where], true: Sequence[Where]) -> Overlaps:
    """Return the overlap of each with each; nobody's cover is empty."""
    overlaps = np.zeros((len(predicted), len(true)))
    for row, one in enumerate(predicted):
        for column, other in enumerate(true):
            shared = np.count_nonzero(one & other)
            overlaps[row, column] = shared / np.count_nonzero(one | other)
    return overlaps
