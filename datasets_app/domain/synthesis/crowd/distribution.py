"""Weighted choices as people type them: ``2:1 3:1 4:2`` draws 4 as often as 2 and 3 together."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

_COUNT = re.compile(r"(\d{1,2})(?::(\d+(?:\.\d+)?))?")
_BAND = re.compile(r"(\d(?:\.\d+)?)-(\d(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers with weights; the weights sum to 1."""

    values: tuple[int, ...]
    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str, *, least: int, most: int) -> Counts:
        """Read ``2:1 3:1``. Raises ValueError, saying what is wrong."""
        values, weights = [], []
        for part in text.replace(",", " ").split():
            found = _COUNT.fullmatch(part)
            if found is None or not least <= int(found[1]) <= most:
                raise ValueError(f"{part!r} is no number from {least} to {most} with a weight")
            values.append(int(found[1]))
            weights.append(float(found[2] or 1))
        return cls(tuple(values), _shares(weights, text))

    def draw(self, rng: np.random.Generator) -> int:
        """Draw one of the numbers."""
        return self.values[_drawn(self.weights, rng)]


@dataclass(frozen=True, slots=True)
class Bands:
    """Ranges low..high within 0..1 with weights; without any, whatever comes is right."""

    ranges: tuple[tuple[float, float], ...]
    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Bands:
        """Read ``0-0.05:1 0.05-0.3:1``. Raises ValueError, saying what is wrong."""
        ranges, weights = [], []
        for part in text.replace(",", " ").split():
            found = _BAND.fullmatch(part)
            if found is None or not 0 <= float(found[1]) < float(found[2]) <= 1:
                raise ValueError(f"{part!r} is no range such as 0.05-0.3:1")
            ranges.append((float(found[1]), float(found[2])))
            weights.append(float(found[3] or 1))
        return cls(tuple(ranges), _shares(weights, text) if ranges else ())

    def draw(self, rng: np.random.Generator) -> tuple[float, float]:
        """Draw one of the ranges; (0, 1) when there is none."""
        return self.ranges[_drawn(self.weights, rng)] if self.ranges else (0.0, 1.0)


def _shares(weights: list[float], text: str) -> tuple[float, ...]:
    total = sum(weights)
    if total <= 0:
        raise ValueError(f"{text!r} gives weight to nothing")
    return tuple(weight / total for weight in weights)


def _drawn(shares: tuple[float, ...], rng: np.random.Generator) -> int:
    # One draw whatever the shares are, so that a weight of 0 changes nothing after it.
    below = np.cumsum(shares)[:-1]
    return int(np.searchsorted(below, rng.random(), side="right"))
