"""The numbers that the frames of a sample had in what it was cut from: pictures are called by them.

A plan tells them in one of two ways: frame i is ``start`` + i * ``step`` of its source, as recipes
that take a window of a clip have it, or what ``frame_numbers`` says, which a tree told on import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

PLANNED: Final = "frame_numbers"
"""In the plan of an imported sample."""

_END: Final = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True)
class FrameNumbers:
    """Frame i was number ``numbers[i]``, a range where they are regular. ``digits``: how many the
    tree wrote, 0 where it did not say."""

    numbers: Sequence[int]
    digits: int = 0

    def stems(self, digits: int) -> list[str]:
        """Return the names without ending: as many digits as the tree had, else ``digits``, and
        never fewer than the last one needs, so that they sort as text."""
        width = max(self.digits or digits, len(str(max(self.numbers, default=0))))
        return [f"{number:0{width}d}" for number in self.numbers]

    def as_json(self) -> dict[str, Any]:
        """Return what a plan keeps of them."""
        kept: dict[str, Any] = {"digits": self.digits}
        if isinstance(self.numbers, range):
            return kept | {"start": self.numbers.start, "step": self.numbers.step}
        return kept | {"numbers": list(self.numbers)}


def numbers_of_names(stems: Sequence[str]) -> FrameNumbers | None:
    """Return the numbers that the names of frames end in; None where they tell nothing: no clip,
    no number, numbers that do not grow, or 0, 1, 2, ..."""
    ends = [match[0] for stem in stems if (match := _END.search(stem))]
    numbers = [int(end) for end in ends]
    if len(stems) < 2 or len(ends) != len(stems) or numbers == list(range(len(stems))):
        return None
    steps = {after - before for before, after in pairwise(numbers)}
    if min(steps) < 1:
        return None
    digits = len(ends[0]) if len({len(end) for end in ends}) == 1 else 0
    if len(steps) == 1:
        return FrameNumbers(range(numbers[0], numbers[-1] + 1, steps.pop()), digits)
    return FrameNumbers(tuple(numbers), digits)


def planned_numbers(plan: Mapping[str, Any], frames: int) -> FrameNumbers | None:
    """Return what a plan tells of the numbers of its ``frames`` frames; None where it tells
    nothing, or 0, 1, 2, ..."""
    told = plan.get(PLANNED) or {key: plan.get(key) for key in ("start", "step")}
    digits = int(told.get("digits", 0))
    if "numbers" in told:
        listed = tuple(int(number) for number in told["numbers"])
        return FrameNumbers(listed, digits) if len(listed) == frames else None
    start, step = told.get("start"), told.get("step")
    if not isinstance(start, int) or not isinstance(step, int) or start < 0 or step < 1:
        return None
    if (start, step) == (0, 1):
        return None
    return FrameNumbers(range(start, start + frames * step, step), digits)
