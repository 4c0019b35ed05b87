"""Exact search over whole repeats by bounded enumeration.

One category is the pivot: its repeats are tried in ascending order. Given the best distance e so
far, every better answer has |rows_c / N - target_c| <= e for each category c, so the pivot's rows
confine N to an interval, N confines every other category's repeats, and each further choice
confines N again. What remains is tried in full, which makes the result optimal, not just good.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

NODE_BUDGET = 20_000
"""Choices tried before the search returns the best so far and says that it is not proven."""

_SLACK = 1e-9
"""Bounds are floats widened by this much; what they let through is scored with exact fractions."""

Answer = tuple[int, ...]
Score = tuple[Fraction, int, Fraction, Answer]


@dataclass(frozen=True, slots=True)
class Problem:
    """``weights``, ``targets`` and ``ranges`` (lowest and highest repeats) go by position."""

    weights: Answer
    targets: tuple[Fraction, ...]
    ranges: tuple[tuple[int, int], ...]
    max_rows: int | None
    step: Fraction

    def rows(self, repeats: Answer) -> int:
        """Return N."""
        return sum(w * r for w, r in zip(self.weights, repeats, strict=True))


def distance(problem: Problem, repeats: Answer) -> Fraction:
    """Return the largest distance between a share and its target."""
    total = problem.rows(repeats)
    return max(
        abs(Fraction(weight * r, total) - target)
        for weight, r, target in zip(problem.weights, repeats, problem.targets, strict=True)
    )


def score(problem: Problem, repeats: Answer) -> Score:
    """Return what is minimised: distance in whole steps, rows, distance, then the repeats."""
    worst = distance(problem, repeats)
    coarse = ceil(worst / problem.step) * problem.step if problem.step else worst
    return (coarse, problem.rows(repeats), worst, repeats)


class Search:
    """Holds the best answer while ``run`` looks for a better one."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.best: Answer = ()
        self._score: Score | None = None
        self._targets = [float(target) for target in problem.targets]
        self._epsilon = 1.0 + _SLACK
        self._nodes = 0
        self._order: tuple[int, ...] = ()

    def offer(self, repeats: Answer) -> None:
        """Keep ``repeats`` when they are within the limits and better than the best so far."""
        limit = self.problem.max_rows
        if limit is not None and self.problem.rows(repeats) > limit:
            return
        found = score(self.problem, repeats)
        if self._score is None or found < self._score:
            self._score, self.best = found, repeats
            self._epsilon = float(found[0]) + _SLACK

    def run(self) -> bool:
        """Improve the best answer; True when it is proven to be the best there is.

        Needs one answer offered before, from which the first bounds follow.
        """
        low, high = self._total_bounds()
        self._order = tuple(
            sorted(
                range(len(self.problem.weights)),
                key=lambda c: len(self._choices(c, low, high)),
            )
        )
        self._descend((), 0, low, high)
        return self._nodes <= NODE_BUDGET

    def _total_bounds(self) -> tuple[float, float]:
        """Return the interval in which N of any better answer lies."""
        low, high = 0.0, float(self.problem.max_rows or "inf")
        for c, (bottom, top) in enumerate(self.problem.ranges):
            low = max(low, self._totals(c, bottom)[0])
            high = min(high, self._totals(c, top)[1])
        return low, high

    def _totals(self, c: int, repeats: int) -> tuple[float, float]:
        """Return the interval of N for which these repeats of ``c`` are close enough."""
        rows = self.problem.weights[c] * repeats
        target, epsilon = self._targets[c], self._epsilon
        over = target - epsilon
        return rows / (target + epsilon), rows / over if over > 0 else float("inf")

    def _choices(self, c: int, low: float, high: float) -> range:
        """Return the repeats of ``c`` that can be close enough while N is in [low, high]."""
        weight, target = self.problem.weights[c], self._targets[c]
        bottom, top = self.problem.ranges[c]
        epsilon = self._epsilon
        first = ceil((target - epsilon) * low / weight - _SLACK)
        reach = (target + epsilon) * high / weight + _SLACK
        return range(max(bottom, first), min(top, floor(reach) if reach < top else top) + 1)

    def _descend(self, chosen: Answer, rows: int, low: float, high: float) -> None:
        depth = len(chosen)
        if depth == len(self._order):
            by_position = dict(zip(self._order, chosen, strict=True))
            self.offer(tuple(by_position[c] for c in range(depth)))
            return
        c = self._order[depth]
        for repeats in self._choices(c, low, high):
            self._nodes += 1
            if self._nodes > NODE_BUDGET:
                return
            fewest, most = self._totals(c, repeats)
            total = rows + self.problem.weights[c] * repeats
            narrow_low, narrow_high = self._with_rest(depth + 1, total)
            new_low = max(low, fewest, narrow_low)
            new_high = min(high, most, narrow_high)
            if new_low <= new_high * (1 + _SLACK):
                self._descend((*chosen, repeats), total, new_low, new_high)

    def _with_rest(self, depth: int, rows: int) -> tuple[float, float]:
        """Return the interval of N that the lowest and highest repeats of the rest allow."""
        low = high = float(rows)
        for c in self._order[depth:]:
            bottom, top = self.problem.ranges[c]
            low += self.problem.weights[c] * bottom
            high += self.problem.weights[c] * top
        return low, high
