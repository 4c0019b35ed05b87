"""How often each category is repeated so that its share of the rows comes closest to a target.

A category of weight W (its samples, each counted as often as its own weight says) repeated r times
gives W * r rows, and its share is W * r / N with N the sum over all categories. Whole repeats
rarely hit a target exactly. The answer minimises the largest distance between share and target,
in steps of a tenth of a percentage point (what a page shows), and among equals the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from datasets_app.domain.bundles.repeat_search import Problem, Search, distance
from matteweb.errors import BadInput

STEP = Fraction(1, 1000)
MAX_REPEATS = 1024


@dataclass(frozen=True, slots=True)
class CategoryRows:
    """One line of the table: ``weight`` is that of all its samples together, ``share`` and
    ``target`` are exact parts of one."""

    category: str
    weight: int
    repeats: int
    rows: int
    share: Fraction
    target: Fraction | None


@dataclass(frozen=True, slots=True)
class RepeatPlan:
    """The repeats and what they give. ``exact``: no better choice exists within the limits."""

    categories: tuple[CategoryRows, ...]
    total: int
    exact: bool

    def repeats(self) -> dict[str, int]:
        """Return category -> repeats."""
        return {line.category: line.repeats for line in self.categories}

    def worst(self) -> Fraction:
        """Return the largest distance between a share and its target (0 without targets)."""
        found = [abs(c.share - c.target) for c in self.categories if c.target is not None]
        return max(found, default=Fraction(0))

    def formula(self) -> str:
        """Return the weights formula with its figures, one line per category."""
        terms = " + ".join(f"{c.weight} * {c.repeats}" for c in self.categories)
        lines = [f"N = {terms} = {self.total}"]
        for c in self.categories:
            target = "" if c.target is None else f" (target {percent(c.target)})"
            share = f"{c.weight} * {c.repeats} / {self.total} = {percent(c.share)}"
            lines.append(f"{c.category}: {share}{target}")
        return "\n".join(lines)


def percent(share: Fraction) -> str:
    """Return a share as a percentage with two decimals."""
    return f"{float(share * 100):.2f} %"


def tabulate(
    weights: Mapping[str, int],
    repeats: Mapping[str, int],
    targets: Mapping[str, Fraction] | None = None,
    *,
    exact: bool = True,
) -> RepeatPlan:
    """Return rows and shares of given repeats. ``weights``: category -> its samples, weighted."""
    total = sum(weights[name] * repeats[name] for name in weights)
    lines = tuple(
        CategoryRows(
            category=name,
            weight=weight,
            repeats=repeats[name],
            rows=weight * repeats[name],
            share=Fraction(weight * repeats[name], total) if total else Fraction(0),
            target=(targets or {}).get(name),
        )
        for name, weight in weights.items()
    )
    return RepeatPlan(categories=lines, total=total, exact=exact)


def complete_targets(
    weights: Mapping[str, int], shares: Mapping[str, Fraction | int]
) -> dict[str, Fraction]:
    """Return a target for every category, summing to one.

    ``shares`` are percentages. When every category has one they only count relative to each other
    (50/48/2 and 25/24/1 are the same); categories without one divide what is left of 100 among
    themselves by weight. Raises BadInput when nothing is left, or a share is not above zero.
    """
    _known(weights, shares)
    given = {name: Fraction(share) for name, share in shares.items()}
    for name, share in given.items():
        if share <= 0:
            raise BadInput(f"share of {name} is {share}", hint="give a share above 0")
    open_weight = sum(weight for name, weight in weights.items() if name not in given)
    if not open_weight:
        whole = sum(given.values(), Fraction(0))
        return {name: given[name] / whole for name in weights}
    left = 100 - sum(given.values(), Fraction(0))
    if left <= 0:
        missing = ", ".join(sorted(set(weights) - set(given)))
        raise BadInput(f"the shares leave nothing for {missing}", hint="give each a share")
    rest = {n: left * Fraction(w, open_weight) for n, w in weights.items() if n not in given}
    return {name: (given | rest)[name] / 100 for name in weights}


def solve_repeats(
    weights: Mapping[str, int],
    shares: Mapping[str, Fraction | int],
    *,
    fixed: Mapping[str, int] | None = None,
    max_repeats: int = MAX_REPEATS,
    max_rows: int | None = None,
    step: Fraction = STEP,
) -> RepeatPlan:
    """Return the repeats (1 to ``max_repeats`` each) that come closest to the target shares.

    ``weights``: category -> sum of its samples' weights (>= 1). ``shares``: percentages, see
    ``complete_targets``. ``fixed``: repeats that a person locked. ``max_rows`` bounds N. ``step``
    is the distance below which two answers count as equally close (0: every bit counts).
    Raises BadInput for unknown categories, empty ones, or a bound that cannot be kept.
    """
    fixed = dict(fixed or {})
    _known(weights, fixed)
    _check(weights, fixed)
    targets = complete_targets(weights, shares)
    names = tuple(weights)
    ranges = tuple((fixed[n], fixed[n]) if n in fixed else (1, max_repeats) for n in names)
    least = sum(weights[name] * low for name, (low, _) in zip(names, ranges, strict=True))
    if max_rows is not None and least > max_rows:
        raise BadInput(f"these samples make at least {least} rows, the limit is {max_rows}")
    problem = Problem(
        weights=tuple(weights[name] for name in names),
        targets=tuple(targets[name] for name in names),
        ranges=ranges,
        max_rows=max_rows,
        step=step,
    )
    search = Search(problem)
    search.offer(tuple(low for low, _ in ranges))
    for start in _rounded(problem):
        search.offer(start)
    exact = search.run()
    return tabulate(weights, dict(zip(names, search.best, strict=True)), targets, exact=exact)


def _known(weights: Mapping[str, int], named: Mapping[str, object]) -> None:
    unknown = sorted(set(named) - set(weights))
    if unknown:
        raise BadInput(
            f"no sample is in category {', '.join(unknown)}",
            hint=f"categories here: {', '.join(sorted(weights)) or 'none'}",
        )


def _check(weights: Mapping[str, int], fixed: Mapping[str, int]) -> None:
    if not weights:
        raise BadInput("there is no category to weigh", hint="choose samples first")
    for name, weight in weights.items():
        if weight < 1:
            raise BadInput(f"category {name} has no samples", hint="add some or leave it out")
    for name, repeats in fixed.items():
        if repeats < 1:
            raise BadInput(f"repeats of {name} is {repeats}", hint="give 1 or more")


def _rounded(problem: Problem) -> list[tuple[int, ...]]:
    """Return good first answers, so that the search can discard nearly everything at once."""
    found: list[tuple[int, ...]] = []
    for pivot, (low, high) in enumerate(problem.ranges):
        for repeats in range(low, min(high, low + 255) + 1):
            total = problem.weights[pivot] * repeats / problem.targets[pivot]
            for rounding in (floor, round, ceil):
                guess = [
                    min(max(rounding(target * total / weight), bottom), top)
                    for weight, target, (bottom, top) in zip(
                        problem.weights, problem.targets, problem.ranges, strict=True
                    )
                ]
                guess[pivot] = repeats
                found.append(tuple(guess))
    return sorted(set(found), key=lambda guess: distance(problem, guess))[:64]
