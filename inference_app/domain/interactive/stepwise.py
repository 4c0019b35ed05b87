"""Marks that come one after the other: each changes what it touches, and nothing else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.hints import Box
from inference_app.domain.interactive.marks import mask_of
from inference_app.domain.interactive.planes import SoftMask, dilated, touching
from inference_app.domain.interactive.strokes import Mark, drawn_planes

_KEPT: Final = 12
# So many marks are understood one after the other; what comes before them, all at once.
_STEPS: Final = 16
_REACH, _RIM = 3, 2

_Key: TypeAlias = tuple[int, tuple[Mark, ...]]


class Stepwise:
    """Masks from lists of marks. The same list gives the same mask, whatever was asked before.

    Each mark is understood together with all before it, but only the changes that hang together
    with it count: what was right elsewhere stays as it is. Keeps the newest answers, so that one
    more mark, or one less, costs one answer.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[_Key, SoftMask] = OrderedDict()

    def mask(
        self, frame: int, picture: RgbFrame, marks: Sequence[Mark], previous: SoftMask | None
    ) -> SoftMask:
        """Return the object that ``marks`` describe on ``frame``; see `mask_of`."""
        if previous is not None or not marks or any(isinstance(one, Box) for one in marks):
            return mask_of(picture, marks, previous)
        told = tuple(marks)
        first = (len(told) - 1) // _STEPS * _STEPS + 1
        known = next(
            (n for n in range(len(told), first - 1, -1) if (frame, told[:n]) in self._made), None
        )
        if known is None:
            known = first
            self._keep((frame, told[:first]), mask_of(picture, told[:first], None))
        for count in range(known + 1, len(told) + 1):
            before = self._made[frame, told[: count - 1]]
            after = mask_of(picture, told[:count], None)
            self._keep((frame, told[:count]), _changed(before, after, told[:count]))
        self._made.move_to_end((frame, told))
        return self._made[frame, told].copy()

    def close(self) -> None:
        """Forget all answers."""
        self._made.clear()

    def _keep(self, key: _Key, mask: SoftMask) -> None:
        self._made[key] = mask
        self._made.move_to_end(key)
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)


def _changed(before: SoftMask, after: SoftMask, marks: Sequence[Mark]) -> SoftMask:
    """Return ``before`` with the changes in it that touch the last mark."""
    shape = (before.shape[0], before.shape[1])
    newest = dilated(np.logical_or(*drawn_planes(marks[-1:], shape)), _REACH)
    changes = touching((after > 0.5) != (before > 0.5), newest)
    spoken = dilated(changes, _RIM) if changes.any() else changes
    result = np.where(spoken, after, before).astype(np.float32)
    drawn_in, drawn_out = drawn_planes(marks, shape)
    result[drawn_in & ~drawn_out] = 1
    result[drawn_out & ~drawn_in] = 0
    return result
