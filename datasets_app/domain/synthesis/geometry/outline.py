"""Shapes out of nothing: closed outlines that bulge and dent, with soft edges."""

from __future__ import annotations

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import GrayFrame

SIDE = 256
"""Pixels of a drawn shape, each way."""

_FINE = 4
_POINTS = 180
_FIRST, _LAST = 2, 7


class Outline(BaseModel):
    """Radius over the angle t: 1 + sum of a_k cos(k t + p_k) for k = 2.., as shares of the mean
    radius; ``hole`` is the radius of a round hole, as a share of the smallest radius, 0 for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amplitudes: tuple[float, ...]
    phases: tuple[float, ...]
    hole: float

    def alpha(self) -> GrayFrame:
        """Return the shape, (SIDE, SIDE), as large as fits."""
        angle = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
        radius = np.ones(_POINTS)
        pairs = zip(self.amplitudes, self.phases, strict=True)
        for order, (amplitude, phase) in enumerate(pairs, start=_FIRST):
            radius += amplitude * np.cos(order * angle + phase)
        fine = SIDE * _FINE
        reach = radius * (0.48 * fine / radius.max())
        points = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1) + fine / 2
        drawn = np.zeros((fine, fine), np.uint8)
        cv2.fillPoly(drawn, [np.rint(points).astype(np.int32)], 255)
        if self.hole:
            centre = (fine // 2, fine // 2)
            cv2.circle(drawn, centre, round(self.hole * float(reach.min())), 0, cv2.FILLED)
        alpha: GrayFrame = cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return alpha


def drawn_outline(rng: np.random.Generator) -> Outline:
    """Draw a shape; a third of them have a hole."""
    orders = range(_FIRST, _LAST)
    amplitudes = tuple(round(float(rng.uniform(0, 0.5 / order)), 4) for order in orders)
    phases = tuple(round(float(rng.uniform(0, 2 * np.pi)), 4) for _ in orders)
    hole = float(rng.uniform(0.2, 0.6)) if rng.random() < 1 / 3 else 0.0
    return Outline(amplitudes=amplitudes, phases=phases, hole=round(hole, 4))
