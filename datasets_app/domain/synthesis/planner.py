"""Draws samples of a run until one passes, each from its own seed, before anything is rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import thread_time
from typing import Generic, cast

import numpy as np

from datasets_app.domain.progress import ShouldStop, never_stop
from datasets_app.domain.recipes.base import (
    Cost,
    KeepsShares,
    ParamsT,
    Plan,
    PlanT,
    Pool,
    RecipeOf,
    Rejected,
    TakesTurns,
)
from datasets_app.domain.synthesis.seeds import generator, sample_key, sample_seed
from matteweb.errors import BadInput

TRIES = 100


@dataclass(frozen=True, slots=True)
class Planned(Generic[PlanT]):
    """A plan, the draws that it took, and why the others fell."""

    plan: PlanT
    tries: int
    rejected: dict[str, int]


class Unreachable(BadInput):
    """No draw of a sample passed; ``rejected`` counts the reasons. ``given_up``: more draws were
    left, which nobody waited for."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        rejected: Mapping[str, int] | None = None,
        given_up: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.rejected = dict(rejected or {})
        self.given_up = given_up


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the first samples of a run come to; ``tried`` of ``count`` were really planned.

    ``rejected`` counts the reasons over all draws, ``unreachable`` the samples without a plan;
    ``cost`` is what all ``count`` samples take, by those that were planned, None without any.
    Where planning was given up, the sample that it was at is not among the ``tried``.
    """

    count: int
    tried: int
    unreachable: int
    draws: int
    rejected: dict[str, int]
    cost: Cost | None

    @property
    def shortfall(self) -> str:
        """Say in one sentence what will be missing and why; "" when nothing will."""
        if not self.tried:
            return f"no draw of {self.draws} makes a sample: {_counted(self.rejected)}"
        if not self.unreachable:
            return ""
        return (
            f"{self.unreachable} of the first {self.tried} samples find no plan in {TRIES} tries "
            f"each: {_counted(self.rejected)}"
        )


def patience(seconds: float) -> ShouldStop:
    """Return what says when this thread has computed for so long; a busy machine changes nothing,
    since waiting for a processor does not count."""
    end = thread_time() + seconds
    return lambda: thread_time() > end


def plan_sample(
    recipe: RecipeOf[ParamsT, PlanT],
    params: ParamsT,
    pool: Pool,
    *,
    root_seed: int,
    index: int,
    redraw: int = 0,
    give_up: ShouldStop = never_stop,
) -> Planned[PlanT]:
    """Return the plan of sample ``index``: the first of up to 100 draws that passes.

    Depends on the arguments alone, not on other samples. ``redraw`` counts plans of this sample
    that were refused after rendering. ``give_up`` is asked after a draw that did not pass. Raises
    Unreachable.
    """
    draw = _draws(recipe, params, pool, root_seed, index)
    rng = generator(sample_seed(root_seed, sample_key(recipe.info.slug, index, redraw)))
    rejected: Counter[str] = Counter()
    for tries in range(1, TRIES + 1):
        drawn = draw(rng)
        if isinstance(drawn, Plan):
            return Planned(drawn, tries, dict(rejected.most_common()))
        rejected[drawn.reason] += 1
        if tries < TRIES and give_up():
            break
    raise Unreachable(
        f"sample {index} found no plan in {tries} tries: {_counted(rejected)}",
        hint="widen the limits of the recipe, or add videos with larger masks",
        rejected=dict(rejected.most_common()),
        given_up=tries < TRIES,
    )


def _draws(
    recipe: RecipeOf[ParamsT, PlanT], params: ParamsT, pool: Pool, root_seed: int, index: int
) -> Callable[[np.random.Generator], PlanT | Rejected]:
    """Return what makes one try; a wish is the same for all tries and redraws of a sample."""
    if isinstance(recipe, KeepsShares):
        shares, wish = recipe, recipe.wish(params, root_seed, index)
        return lambda rng: cast(PlanT | Rejected, shares.plan_wish(params, pool, rng, wish))
    if isinstance(recipe, TakesTurns):
        turns = recipe
        return lambda rng: cast(PlanT | Rejected, turns.plan_turn(params, pool, rng, index))
    return lambda rng: recipe.plan(params, pool, rng)


def forecast(
    recipe: RecipeOf[ParamsT, PlanT],
    params: ParamsT,
    pool: Pool,
    *,
    root_seed: int,
    count: int,
    at_most: int = 64,
    give_up: ShouldStop = never_stop,
) -> Forecast:
    """Plan the first ``at_most`` samples of a run to say, before it starts, what will be missing.

    Exact for runs of up to ``at_most`` samples, since a sample's plan depends on its seed alone,
    unless somebody waits for it who wants to ``give_up``.
    """
    rejected: Counter[str] = Counter()
    unreachable = draws = 0
    costs: list[Cost] = []
    for index in range(min(count, at_most)):
        if index and give_up():
            break
        try:
            planned = plan_sample(
                recipe, params, pool, root_seed=root_seed, index=index, give_up=give_up
            )
        except Unreachable as error:
            draws += sum(error.rejected.values())
            rejected.update(error.rejected)
            if error.given_up:
                break
            unreachable += 1
        else:
            draws += planned.tries
            rejected.update(planned.rejected)
            costs.append(recipe.cost(planned.plan))
    tried, reasons = unreachable + len(costs), dict(rejected.most_common())
    return Forecast(count, tried, unreachable, draws, reasons, _scaled(costs, count))


def _scaled(costs: list[Cost], count: int) -> Cost | None:
    """Return the cost of ``count`` samples like those of ``costs``."""
    if not costs:
        return None
    times = count / len(costs)
    return Cost(
        cpu_seconds=times * sum(cost.cpu_seconds for cost in costs),
        bytes=round(times * sum(cost.bytes for cost in costs)),
    )


def _counted(reasons: Mapping[str, int]) -> str:
    """Return the reasons, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} x {reason}" for reason, count in ordered)
