"""How masks are wrong: what people, trackers and keyers hand in, made from a true alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.clips import UNIT

Masks: TypeAlias = npt.NDArray[np.float32]
"""(T, H, W) float32, 0 or 1."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How one clip's masks are wrong. Lengths in pixels of the frame."""

    wobble: float
    blur: float
    threshold: float
    grow: int
    blocks: int
    patch: float
    lag: bool
    empty: bool

    @classmethod
    def drawn(cls, rng: np.random.Generator, unit: float) -> Fault:
        """Draw faults: for half of the clips as a tracker makes them, for half coarse ones."""
        coarse = rng.random() < 0.5
        reach = 5 if coarse else 2
        return cls(
            wobble=float(rng.uniform(0.1, 0.6 if coarse else 0.3)),
            blur=unit * float(rng.uniform(0.6, 3.5 if coarse else 1.8)),
            threshold=float(rng.uniform(0.3, 0.7)),
            grow=round(unit * float(rng.integers(-reach, reach + 1))),
            blocks=int(rng.integers(2, 6 if coarse else 4)) if rng.random() < 0.5 else 1,
            patch=unit * float(rng.uniform(4, 14)) if rng.random() < 0.2 else 0.0,
            lag=bool(rng.random() < 0.2),
            empty=bool(rng.random() < 0.03),
        )


def spoiled(alpha: Masks, rng: np.random.Generator) -> Masks:
    """Return hard masks of a clip, wrong in the way of ``Fault``."""
    _, height, width = alpha.shape
    unit = min(height, width) / UNIT
    fault = Fault.drawn(rng, unit)
    if fault.empty:
        return np.zeros_like(alpha)
    steady = _bumps(rng, height, width, unit)
    patch = _patch(alpha[0], fault.patch, rng)
    masks = [
        _spoiled_frame(plane, fault, 0.7 * steady + 0.5 * _bumps(rng, height, width, unit), patch)
        for plane in alpha
    ]
    if fault.lag:
        masks = [masks[0], *masks[:-1]]
    return np.stack(masks)


def _spoiled_frame(
    alpha: npt.NDArray[np.float32],
    fault: Fault,
    bumps: npt.NDArray[np.float32],
    patch: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    height, width = alpha.shape
    soft = cv2.GaussianBlur(alpha, (0, 0), fault.blur) + fault.wobble * bumps * _edge(alpha)
    mask = (soft > fault.threshold).astype(np.uint8)
    if fault.grow:
        reach = 2 * abs(fault.grow) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        mask = (cv2.dilate if fault.grow > 0 else cv2.erode)(mask, kernel)
    if fault.blocks > 1:
        small = (max(1, width // fault.blocks), max(1, height // fault.blocks))
        mask = cv2.resize(mask, small, interpolation=cv2.INTER_NEAREST)
        mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
    wrong = np.asarray(mask, np.float32)
    wrong[patch > 0] = 1
    wrong[patch < 0] = 0
    return wrong


def _edge(alpha: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return where an outline can wander: near what is neither 0 nor 1 in a coarse view."""
    coarse = cv2.GaussianBlur(alpha, (0, 0), 4 * min(alpha.shape) / UNIT)
    return np.asarray(np.clip(8 * coarse * (1 - coarse), 0, 1), np.float32)


def _bumps(
    rng: np.random.Generator, height: int, width: int, unit: float
) -> npt.NDArray[np.float32]:
    """Return smooth noise of unit height and no mean."""
    cell = unit * 10
    grid = rng.standard_normal((round(height / cell) + 3, round(width / cell) + 3), np.float32)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _patch(
    alpha: npt.NDArray[np.float32], radius: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return a disc of +1 (extra) or -1 (missing) near the outline, zeros for no radius."""
    disc = np.zeros_like(alpha)
    edge = np.argwhere((alpha > 0.1) & (alpha < 0.9))
    if not radius or not len(edge):
        return disc
    y, x = (int(v) for v in edge[int(rng.integers(len(edge)))])
    cv2.circle(disc, (x, y), max(1, round(radius)), 1.0 if rng.random() < 0.5 else -1.0, -1)
    return disc
