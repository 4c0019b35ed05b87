"""Weighted choices as people type them: ``2:1 3:1 4:2`` has 4 as often as 2 and 3 together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from datasets_app.domain.synthesis.crowd.quota import part_of

_COUNT = re.compile(r"(\d{1,2})(?::(\d+(?:\.\d+)?))?")
_BAND = re.compile(r"(\d(?:\.\d+)?)-(\d(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers with weights."""

    values: tuple[int, ...]
    weights: tuple[Fraction, ...]

    @classmethod
    def parse(cls, text: str, *, least: int, most: int) -> Counts:
        """Read ``2:1 3:1``. Raises ValueError, saying what is wrong."""
        values, weights = [], []
        for part in text.replace(",", " ").split():
            found = _COUNT.fullmatch(part)
            if found is None or not least <= int(found[1]) <= most:
                raise ValueError(f"{part!r} is no number from {least} to {most} with a weight")
            values.append(int(found[1]))
            weights.append(Fraction(found[2] or 1))
        return cls(tuple(values), _weighing(weights, text))

    def of_sample(self, index: int, root_seed: int, key: str) -> int:
        """Return the number that falls to sample ``index``, see `part_of`."""
        return self.values[part_of(self.weights, index, root_seed, key)]


@dataclass(frozen=True, slots=True)
class Bands:
    """Ranges low..high within 0..1 with weights; without any, whatever comes is right."""

    ranges: tuple[tuple[float, float], ...]
    weights: tuple[Fraction, ...]

    @classmethod
    def parse(cls, text: str) -> Bands:
        """Read ``0-0.05:1 0.05-0.3:1``. Raises ValueError, saying what is wrong."""
        ranges, weights = [], []
        for part in text.replace(",", " ").split():
            found = _BAND.fullmatch(part)
            if found is None or not 0 <= float(found[1]) < float(found[2]) <= 1:
                raise ValueError(f"{part!r} is no range such as 0.05-0.3:1")
            ranges.append((float(found[1]), float(found[2])))
            weights.append(Fraction(found[3] or 1))
        return cls(tuple(ranges), _weighing(weights, text) if ranges else ())

    def of_sample(self, index: int, root_seed: int, key: str) -> tuple[float, float] | None:
        """Return the range that falls to sample ``index``, see `part_of`; None without any."""
        return self.ranges[part_of(self.weights, index, root_seed, key)] if self.ranges else None


def _weighing(weights: list[Fraction], text: str) -> tuple[Fraction, ...]:
    if not any(weights):
        raise ValueError(f"{text!r} gives weight to nothing")
    return tuple(weights)
