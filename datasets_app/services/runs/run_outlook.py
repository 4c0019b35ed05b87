"""What a run would draw on and what it would take, said before it is launched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Recipe, Survey
from datasets_app.domain.synthesis.planner import forecast, patience
from datasets_app.services.runs.pool import pool_freeze, pool_open
from datasets_app.services.runs.synthesis import recipe_params
from matteweb.accounts.models import Project

SAMPLES_PLANNED = 3
"""Samples that are really planned for an estimate: a page waits for them."""
PATIENCE_SECONDS = 1.0
"""Of computing, after which a page does not wait for a plan that none of its draws came to."""


@dataclass(frozen=True, slots=True)
class RunOutlook:
    """``seconds`` on this machine when nothing else runs, and ``bytes`` of masters and deliveries,
    for all samples; both None where nothing could be planned. ``hurdle`` says in one sentence what
    no draw came to, "" where each sample found a plan."""

    survey: Survey
    seconds: float | None = None
    bytes: int | None = None
    hurdle: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the survey with the estimate beside it."""
        estimate = {"seconds": self.seconds, "bytes": self.bytes, "hurdle": self.hurdle}
        return {**self.survey.as_json(), "estimate": estimate}


def run_outlook(
    *, project: Project, recipe_slug: str, params: dict[str, Any], count: int
) -> RunOutlook:
    """Say what the project admits under these parameters, why not the rest, and what it takes.

    Cost: the survey, and the planning of ``SAMPLES_PLANNED`` samples, for about a second at most.
    Raises BadInput.
    """
    recipe: Recipe = RECIPES[recipe_slug]
    checked = recipe_params(recipe, params)
    pool = pool_open(pool_freeze(project))
    survey = recipe.survey(checked, pool)
    if not survey.possible:
        return RunOutlook(survey)
    found = forecast(
        recipe,
        checked,
        pool,
        root_seed=0,
        count=SAMPLES_PLANNED,
        give_up=patience(PATIENCE_SECONDS),
    )
    if found.cost is None:
        return RunOutlook(survey, hurdle=found.shortfall)
    times = count / SAMPLES_PLANNED
    lanes = min(settings.JOB_WORKERS, count)
    return RunOutlook(
        survey,
        times * found.cost.cpu_seconds / lanes,
        round(times * found.cost.bytes),
        found.shortfall,
    )
