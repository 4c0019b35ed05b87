"""Which mask of a segmenter belongs to which person: one to one, by soft IoU, over time.

The published script gave every person the best mask, so that one mask could serve two people; here
the sum over all pairs is what is best (the assignment problem).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from datasets_app.domain.media.frames import GrayFrame

LEAST_IOU: Final = 0.7
_EPSILON: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Match:
    """What a person got. ``mask`` is the number of the segmenter's mask, None where none reached
    the least IoU and a mask made from the alpha has to stand in."""

    mask: int | None
    iou: float

    @property
    def synthetic(self) -> bool:
        """Whether the mask must be made from the alpha."""
        return self.mask is None


@dataclass(frozen=True, slots=True)
class Matching:
    """One match per person. ``unmatched``: masks that belong to nobody, kept for the study of
    false detections."""

    matches: tuple[Match, ...]
    unmatched: tuple[int, ...]


def soft_iou(one: GrayFrame, other: GrayFrame) -> float:
    """Return the sum of minima over the sum of maxima, 0..1."""
    least = int(np.minimum(one, other).sum(dtype=np.int64))
    return least / (int(np.maximum(one, other).sum(dtype=np.int64)) + _EPSILON)


def match_masks(
    alphas: Sequence[GrayFrame], masks: Sequence[GrayFrame], *, least: float = LEAST_IOU
) -> Matching:
    """Match masks {0, 255} to people by their alphas so that the IoUs sum to the most.

    A pair at or below ``least`` is none.
    """
    scores = np.zeros((len(alphas), len(masks)))
    for person, alpha in enumerate(alphas):
        for number, mask in enumerate(masks):
            scores[person, number] = soft_iou(alpha, mask)
    return _matched(scores, least)


class ClipMatcher:
    """Keeps who is who through a clip: a mask track stays with the person whom it was matched to
    first, and frames in which another person would fit it better are counted as switches. Where it
    does not fit its own person it is nobody's."""

    def __init__(self, people: int, *, least: float = LEAST_IOU) -> None:
        self._least = least
        self._kept: dict[int, int] = {}
        self._people = people
        self.switches = 0

    def add(
        self, alphas: Sequence[GrayFrame], masks: Sequence[GrayFrame], tracks: Sequence[int]
    ) -> Matching:
        """Match one frame; ``tracks`` are the segmenter's own numbers of the masks."""
        fresh = match_masks(alphas, masks, least=self._least)
        best = {
            person: tracks[match.mask]
            for person, match in enumerate(fresh.matches)
            if match.mask is not None
        }
        for person, track in best.items():
            if person not in self._kept and track not in self._kept.values():
                self._kept[person] = track
            elif self._kept.get(person) != track:
                self.switches += 1
        place = {track: number for number, track in enumerate(tracks)}
        matches = []
        for person in range(self._people):
            number = place.get(self._kept.get(person, -1))
            found = 0.0 if number is None else soft_iou(alphas[person], masks[number])
            matches.append(Match(number if found > self._least else None, found))
        used = {match.mask for match in matches}
        return Matching(
            tuple(matches), tuple(number for number in range(len(masks)) if number not in used)
        )


def _matched(scores: NDArray[np.float64], least: float) -> Matching:
    people, masks = scores.shape
    # A pair that is not good enough must not keep a good one from being made.
    rows, columns = linear_sum_assignment(np.where(scores > least, scores, 0.0), maximize=True)
    found = {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] > least
    }
    matches = tuple(
        Match(found.get(person), float(scores[person, found[person]]) if person in found else 0.0)
        for person in range(people)
    )
    used = set(found.values())
    return Matching(matches, tuple(number for number in range(masks) if number not in used))
