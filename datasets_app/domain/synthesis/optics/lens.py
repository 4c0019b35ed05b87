"""A thin lens: how wide a point at some depth is spread, and where the lens is focused.

The diameter of the circle of confusion is c = K |1/s - 1/d| with s the focus distance, d that of
the point and K made of focal length, aperture and sensor: linear in disparity (the reciprocal of
distance). So relative disparity, 0 far to 1 near, is all that is needed.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

Floats = npt.NDArray[np.float32]

Aperture: TypeAlias = Literal["disc", "gaussian"]
"""disc: highlights become discs, as in a lens wide open; gaussian: a smooth spread."""


class Lens(BaseModel):
    """``strength``: K, the diameter in pixels at a disparity difference of 1. ``largest``: no
    circle becomes wider, in pixels. ``tolerance``: disparities that near to the focus are sharp.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: float
    largest: float
    tolerance: float
    aperture: Aperture

    def spread(self, disparity: Floats | float, focus: float) -> Floats:
        """Return the diameter in pixels: 0 at the focus, the same for as much nearer or farther,
        never less farther away from it."""
        spread: Floats = np.asarray(np.asarray(disparity, np.float32) - np.float32(focus))
        # In place: half of the time went into fresh pages.
        np.abs(spread, out=spread)
        spread -= np.float32(self.tolerance)
        np.maximum(spread, 0, out=spread)
        spread *= np.float32(self.strength)
        return np.minimum(spread, np.float32(self.largest), out=spread)


class FocusPull(BaseModel):
    """Where the lens is focused over a clip: at ``start`` up to ``first``, at ``end`` from
    ``last`` on, and eased in between. ``start`` and ``end`` say how far from the subject (0) to
    the background (1) the focus stands; frame numbers are those of the sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: float
    end: float
    first: int
    last: int

    def at(self, frame: int) -> float:
        """Return how far the focus has gone from subject (0) to background (1)."""
        if self.last <= self.first:
            return self.end if frame >= self.last else self.start
        passed = min(max((frame - self.first) / (self.last - self.first), 0.0), 1.0)
        eased = passed * passed * (3 - 2 * passed)
        return self.start + (self.end - self.start) * eased
