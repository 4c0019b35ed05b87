"""A sample that its recipe refuses after a look at it is drawn anew, a few times."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.seeds import sample_key, sample_seed
from datasets_app.models import Sample
from datasets_app.models.sample import SampleState
from datasets_app.services.runs.pool import pool_open
from datasets_app.services.runs.sample_plans import plan_fields, sample_sources_link
from datasets_app.services.state_moves import SAMPLE, state_move
from matteweb.errors import MatteError, Unsuitable

REDRAWS = 8
"""So often a place is drawn anew; a recipe that refuses more has limits that cannot be met."""

REFUSED = "refused_draw"


def sample_redraw(*, sample: Sample, refused: Unsuitable) -> None:
    """Plan a refused sample anew, from a seed of its own; the reason stays in its notes.

    After ``REDRAWS`` refusals, or when no plan is found, it fails with the reasons counted. The
    bytes stay a function of the root seed: every refusal follows from the plan before it.
    """
    notes = [*sample.notes, {"code": REFUSED, "message": refused.message, "hint": sample.seed}]
    refusals = [note["message"] for note in notes if note["code"] == REFUSED]
    if len(refusals) > REDRAWS:
        _fail(sample, notes, f"{len(refusals)} draws were refused: {_counted(refusals)}")
        return
    run = sample.run
    if run is None:
        _fail(sample, notes, refused.message)
        return
    recipe = RECIPES[run.recipe]
    redraw = len(refusals)
    try:
        plan = plan_sample(
            recipe,
            recipe.params.model_validate(run.params),
            pool_open(run.pool),
            root_seed=run.root_seed,
            index=sample.index,
            redraw=redraw,
        ).plan
    except MatteError as error:
        _fail(sample, notes, error.message)
        return
    with transaction.atomic():
        state_move(
            sample,
            SampleState.PLANNED,
            SAMPLE,
            claimed_by_job=None,
            notes=notes,
            seed=str(sample_seed(run.root_seed, sample_key(run.recipe, sample.index, redraw))),
            **plan_fields(run, plan),
        )
        sample_sources_link(sample=sample)


def _fail(sample: Sample, notes: list[dict[str, str]], message: str) -> None:
    state_move(
        sample,
        SampleState.FAILED,
        SAMPLE,
        notes=notes,
        error=message,
        hint="widen the recipe's parameters, or roll the run again",
    )


def _counted(reasons: list[str]) -> str:
    return ", ".join(f"{count} x {reason}" for reason, count in Counter(reasons).most_common())
