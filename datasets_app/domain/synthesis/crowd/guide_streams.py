"""Masks of a segmenter as guidance of the people in a sample, frame by frame.

Each person gets the mask that is matched to it; where none is, a mask made from the alpha stands in
and is counted. Masks of nobody are kept, with the segmenter's own numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.synthesis.crowd.guidance import GuideDraw, guide_mask, one_hot
from datasets_app.domain.synthesis.sources.mask_matching import LEAST_IOU, ClipMatcher


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a segmenter found on one frame: (H, W) masks of 0 and 255, each with a number 1..255
    that it keeps through the clip."""

    masks: tuple[GrayFrame, ...]
    tracks: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GuideFrame:
    """One mask per person, no pixel in two of them. ``unmatched``: (H, W), the numbers of what
    belongs to nobody, 0 where there is nothing."""

    masks: list[GrayFrame]
    unmatched: GrayFrame


@dataclass(slots=True)
class PersonRecord:
    """Frames with a mask of the segmenter, with a stand-in, and without the person."""

    matched: int = 0
    synthetic: int = 0
    absent: int = 0
    ious: float = field(default=0.0)

    def as_json(self) -> dict[str, Any]:
        """Return counts, and the mean IoU over matched frames as text, "" without any."""
        mean = f"{self.ious / self.matched:.4f}" if self.matched else ""
        counts = {"matched": self.matched, "synthetic": self.synthetic, "absent": self.absent}
        return {"iou": mean, **counts}


class GuideMatcher:
    """Matches a whole sample, one frame after the other; ``draws`` are the stand-ins, one per
    person."""

    def __init__(self, draws: Sequence[GuideDraw], *, least: float = LEAST_IOU) -> None:
        self._draws = draws
        self._clip = ClipMatcher(len(draws), least=least)
        self._people = [PersonRecord() for _ in draws]
        self._unmatched = 0

    def add(self, alphas: Sequence[GrayFrame], found: Detections) -> GuideFrame:
        """Return the guidance of the next frame; ``alphas`` are the people's visible ones."""
        matching = self._clip.add(alphas, found.masks, found.tracks)
        masks = []
        for alpha, match, draw, record in zip(
            alphas, matching.matches, self._draws, self._people, strict=True
        ):
            if match.mask is not None:
                record.matched += 1
                record.ious += match.iou
                masks.append(found.masks[match.mask])
                continue
            masks.append(guide_mask(alpha, draw))
            if alpha.max() <= draw.threshold:
                record.absent += 1
            else:
                record.synthetic += 1
        unmatched = np.zeros(alphas[0].shape, np.uint8)
        for number in matching.unmatched:
            unmatched[found.masks[number] > 0] = found.tracks[number]
        self._unmatched += bool(matching.unmatched)
        return GuideFrame(one_hot(masks, alphas), unmatched)

    def report(self) -> dict[str, Any]:
        """Return what became of every person, in how many frames another person would have fitted
        a mask better, and in how many there was a mask of nobody."""
        return {
            "instances": [record.as_json() for record in self._people],
            "switches": self._clip.switches,
            "unmatched": self._unmatched,
        }
