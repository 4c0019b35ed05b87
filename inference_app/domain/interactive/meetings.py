"""What is known of one object where two directions meet, as a fusion network is told it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.planes import Floats, SoftMask, Window, window_of

PLANES: Final = 10
"""Of a meeting: picture (3), masks (2), weights (2), what a correction said (2), the mean."""

_LEAST: Final = 1e-3
_MARGIN: Final = 24
_SPEAKS_ABOVE: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """One object on one frame between two references, all (H, W) in 0..1.

    ``old`` comes from the reference that was there before, ``new`` from the one that a correction
    changed; each weighs by its trust and by how near its reference is. ``plus`` and ``minus``: what
    the correction added and took away, carried here along the motion; zero without a correction.
    """

    picture: RgbFrame
    old: SoftMask
    new: SoftMask
    old_weight: SoftMask
    new_weight: SoftMask
    plus: SoftMask
    minus: SoftMask

    @property
    def mean(self) -> SoftMask:
        """The mean of both masks by their weights, which is what is done without a network."""
        one, two = self.old_weight + _LEAST, self.new_weight + _LEAST
        return np.asarray((one * self.old + two * self.new) / (one + two), np.float32)

    def unaware(self) -> Meeting:
        """Return it without what the correction said."""
        nothing = np.zeros_like(self.plus)
        return replace(self, plus=nothing, minus=nothing)

    def planes(self) -> Floats:
        """Return (10, H, W) float32, colours in 0..1."""
        colours = self.picture.transpose(2, 0, 1).astype(np.float32) / 255
        own = [self.old, self.new, self.old_weight, self.new_weight, self.plus, self.minus]
        return np.concatenate([colours, np.stack([*own, self.mean])], dtype=np.float32)

    def window(self) -> Window | None:
        """Return the part of the frame where anything speaks for the object, None for none."""
        loudest = np.maximum(np.maximum(self.old, self.new), np.maximum(self.plus, self.minus))
        tight = window_of(loudest > _SPEAKS_ABOVE)
        return None if tight is None else tight.grown(_MARGIN, loudest.shape)

    def cut(self, window: Window) -> Meeting:
        """Return the part of it that lies in ``window``."""
        part = window.slices
        return Meeting(
            self.picture[part],
            self.old[part],
            self.new[part],
            self.old_weight[part],
            self.new_weight[part],
            self.plus[part],
            self.minus[part],
        )


Settle: TypeAlias = Callable[[Meeting], SoftMask]
"""Turns a meeting into the mask of its object, (H, W) in 0..1."""


def meeting_at(
    picture: RgbFrame,
    masks: tuple[SoftMask, SoftMask],
    trusts: tuple[SoftMask, SoftMask],
    near: float,
    plus: SoftMask,
    minus: SoftMask,
) -> Meeting:
    """Return what a network is told of one object on a frame, while it learns and in use.

    ``masks`` and ``trusts``: old and new; ``near``: see `nearness`; ``plus`` and ``minus`` may be
    of one pixel that stands for all.
    """
    old, new = masks
    return Meeting(
        picture,
        old,
        new,
        (1 - near) * trusts[0],
        near * trusts[1],
        np.broadcast_to(plus, old.shape),
        np.broadcast_to(minus, old.shape),
    )


def nearness(left: int, right: int, frame: int, changed: int) -> float:
    """Return 0..1: how near ``frame`` is to ``changed``, which is one of both references."""
    share = (frame - left) / (right - left)
    return share if changed == right else 1 - share
