"""People under lasting numbers: masks of single frames matched to those before, and mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.automatic.steadying import mended
from inference_app.domain.interactive.planes import SoftMask

_SAME: Final = 0.3
# So many frames somebody may be away and come back in the same place under the same number.
_AWAY: Final = 5

Shown = Mapping[int, SoftMask]
"""The mask of each person of a frame by number, from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame with its people."""

    picture: RgbFrame
    people: Shown


def followed(frames: Iterable[tuple[RgbFrame, Sequence[SoftMask]]], most: int) -> Iterator[Seen]:
    """Yield each picture with its masks under the numbers of the people they overlap.

    Whoever overlaps nobody gets the next number; nobody after the number ``most`` is kept.
    """
    last: dict[int, tuple[int, SoftMask]] = {}
    highest = 0
    for number, (picture, masks) in enumerate(frames):
        known = [person for person, (frame, _) in last.items() if number - frame <= _AWAY]
        last = {person: last[person] for person in known}
        people: dict[int, SoftMask] = {}
        left = set(range(len(masks)))
        for person, place in _matched([last[one][1] for one in known], masks):
            people[known[person]] = masks[place]
            left.remove(place)
        for place in sorted(left):
            if highest < most:
                highest += 1
                people[highest] = masks[place]
        last |= {person: (number, mask) for person, mask in people.items()}
        yield Seen(picture, people)


def repaired(frames: Iterable[Seen]) -> Iterator[Seen]:
    """Yield each frame with its people as both neighbours show them where the frame does not.

    First and last frame stay as they are. Memory: three frames.
    """
    before: Seen | None = None
    now: Seen | None = None
    for coming in chain(frames, (None,)):
        if now is not None:
            whole = before is not None and coming is not None
            yield _between(before, now, coming) if whole else now  # type: ignore[arg-type]
        before, now = now, coming


def _between(before: Seen, now: Seen, after: Seen) -> Seen:
    empty = np.zeros(now.picture.shape[:2], np.float32)
    people = {}
    for person in sorted({*before.people, *now.people, *after.people}):
        one, two, three = (
            (seen.picture, seen.people.get(person, empty)) for seen in (before, now, after)
        )
        mask = mended(one, two, three)
        if mask.any():
            people[person] = mask
    return Seen(now.picture, people)


def union(people: Shown, shape: tuple[int, int]) -> SoftMask:
    """Return one mask of everybody."""
    everybody: SoftMask = np.max([np.zeros(shape, np.float32), *people.values()], axis=0)
    return everybody


def numbers(people: Shown, shape: tuple[int, int]) -> np.ndarray:
    """Return (H, W) uint8: who is the likeliest at each pixel, 0 where nobody is likely."""
    best, found = np.full(shape, 0.5, np.float32), np.zeros(shape, np.uint8)
    for person, mask in sorted(people.items()):
        better = mask > best
        found[better], best = person, np.where(better, mask, best)
    return found


def _matched(known: Sequence[SoftMask], masks: Sequence[SoftMask]) -> list[tuple[int, int]]:
    """Return pairs, one to one, that overlap enough; together they overlap the most."""
    if not known or not masks:
        return []
    shares = np.array([[overlap(one, two) for two in masks] for one in known])
    rows, columns = linear_sum_assignment(-shares)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if shares[row, column] >= _SAME
    ]


def overlap(one: SoftMask, two: SoftMask) -> float:
    """Return the share of both masks together that is in each of them, 0 when both are empty."""
    inside, other = one > 0.5, two > 0.5
    either = int((inside | other).sum())
    return float((inside & other).sum() / either) if either else 0.0
