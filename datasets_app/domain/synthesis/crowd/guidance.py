"""Coarse guidance masks made from a true alpha, as a segmenter's mistakes look.

``binary``: cut at half, reduced to an eighth and back (what MaGGIe is evaluated with where there is
no mask). ``rough``: cut anywhere, grown and shrunk by square kernels of up to 30 px at a short side
of 576 (its training, and its fill-in where a detector found nobody). ``holed``: rough, with a
rectangle of a sixteenth to an eighth of the mask's box missing. What chance decides is drawn once
per person, so that a mask does not flicker where no segmenter would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import GrayFrame

Degradation: TypeAlias = Literal["binary", "rough", "holed"]
DEGRADATIONS: Final[tuple[Degradation, ...]] = ("binary", "rough", "holed")

_SHRINK: Final = 8
_KERNEL_MOST: Final = 30
_SHORT_SIDE: Final = 576
_STEPS: Final[tuple[tuple[str, ...], ...]] = (
    ("dilate", "erode"),
    ("erode", "dilate"),
    ("dilate",),
    ("erode",),
)


def guide_layer(source: int, person: int) -> str:
    """Return the name of the layer with one person's mask of one source."""
    return f"mask_{source:02d}_{person:02d}"


def parse_sources(text: str) -> tuple[Degradation, ...]:
    """Read ``binary rough``. Raises ValueError, naming what is known."""
    found: list[Degradation] = []
    for word in dict.fromkeys(text.replace(",", " ").split()):
        known = [one for one in DEGRADATIONS if one == word]
        if not known:
            raise ValueError(f"{word!r} is no guidance; known: {', '.join(DEGRADATIONS)}")
        found += known
    return tuple(found)


class GuideDraw(BaseModel):
    """What chance decided about one person's mask of one source. Alpha above ``threshold`` is
    inside; kernels are px at a short side of 576; the hole is x, y, side as shares of the box."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Degradation
    threshold: int = 127
    dilate: int = 1
    erode: int = 1
    steps: int = 0
    hole: tuple[float, float, float] | None = None


def draw_guide(source: Degradation, rng: np.random.Generator) -> GuideDraw:
    """Draw one person's mask; the same numbers are drawn whatever the source."""
    threshold = int(rng.integers(26, 243))
    dilate, erode = (int(one) for one in rng.integers(1, _KERNEL_MOST, 2))
    steps = int(rng.integers(len(_STEPS)))
    x, y, area = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(1 / 16, 1 / 8)
    if source == "binary":
        return GuideDraw(source=source)
    hole = (round(x, 4), round(y, 4), round(float(np.sqrt(area)), 4))
    return GuideDraw(
        source=source,
        threshold=threshold,
        dilate=dilate,
        erode=erode,
        steps=steps,
        hole=hole if source == "holed" else None,
    )


def guide_mask(alpha: GrayFrame, draw: GuideDraw) -> GrayFrame:
    """Return the {0, 255} mask that ``draw`` makes of (H, W) ``alpha``."""
    mask: GrayFrame = cv2.threshold(alpha, draw.threshold, 255, cv2.THRESH_BINARY)[1]
    if draw.source == "binary":
        return _coarse(mask)
    scale = min(alpha.shape) / _SHORT_SIDE
    for step in _STEPS[draw.steps]:
        side = max(1, round(getattr(draw, step) * scale))
        kernel = np.ones((side, side), np.uint8)
        mask = cv2.dilate(mask, kernel) if step == "dilate" else cv2.erode(mask, kernel)
    return mask if draw.hole is None else _holed(mask, draw.hole)


def one_hot(masks: Sequence[GrayFrame], alphas: Sequence[GrayFrame]) -> list[GrayFrame]:
    """Return the masks with every pixel in one of them at most: where several claim it, whoever
    has the largest alpha there keeps it, the higher one on a draw."""
    if not masks:
        return []
    claimed = np.stack(masks) > 0
    contested = claimed.sum(axis=0) > 1
    strength = np.where(claimed, np.stack(alphas).astype(np.int16), -1)
    owner = len(masks) - 1 - np.argmax(strength[::-1], axis=0)
    return [
        np.where(contested & (owner != number), 0, mask).astype(np.uint8)
        for number, mask in enumerate(masks)
    ]


def guide_masks(alphas: Sequence[GrayFrame], draws: Sequence[GuideDraw]) -> list[GrayFrame]:
    """Return the cleaned masks of one source, one per alpha."""
    return one_hot([guide_mask(a, d) for a, d in zip(alphas, draws, strict=True)], alphas)


def _coarse(mask: GrayFrame) -> GrayFrame:
    height, width = mask.shape
    small = cv2.resize(mask, (max(1, width // _SHRINK), max(1, height // _SHRINK)))
    cut: GrayFrame = cv2.threshold(cv2.resize(small, (width, height)), 127, 255, cv2.THRESH_BINARY)[
        1
    ]
    return cut


def _holed(mask: GrayFrame, hole: tuple[float, float, float]) -> GrayFrame:
    x, y, width, height = cv2.boundingRect(mask)
    across, down = round(width * hole[2]), round(height * hole[2])
    left, top = x + round((width - across) * hole[0]), y + round((height - down) * hole[1])
    mask[top : top + down, left : left + across] = 0
    return mask
