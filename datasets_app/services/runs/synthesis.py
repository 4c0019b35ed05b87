"""Runs of a recipe: made, planned, stopped, resumed. ``services.rendering`` renders them.

1. ``run_create`` freezes the pool and asks the recipe whether it can reach the count at all.
2. ``run_plan`` (one job) draws each sample's plan from its own seed, so that order, restarts and
   the number of workers change nothing, and then starts the lanes.
3. ``run_render`` (one job per worker) takes planned samples one at a time by compare-and-swap.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from pydantic import ValidationError

from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Pool, Recipe, RecipeParams, Survey
from datasets_app.domain.synthesis.planner import (
    Unreachable,
    forecast,
    patience,
    plan_sample,
)
from datasets_app.domain.synthesis.seeds import sample_key, sample_seed
from datasets_app.models import Reroll, Sample, SynthesisRun
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.services.lanes import LANE_KIND, lanes_start
from datasets_app.services.runs.pool import pool_freeze, pool_open
from datasets_app.services.runs.sample_plans import plan_fields, sample_sources_link
from datasets_app.services.space import space_require
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_create
from matteweb.jobs.states import LIVE

MAX_COUNT = 100_000
PLAN_KIND = "synthesis_plan"
PATIENCE_SECONDS = 5.0
"""Of computing that somebody who launches a run waits for at most; what is not seen by then is
counted by the run itself."""


def recipe_params(recipe: Recipe, raw: dict[str, Any]) -> RecipeParams:
    """Validate ``raw`` against the recipe's schema. Raises BadInput naming each field."""
    try:
        checked: RecipeParams = recipe.params.model_validate(raw)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])) or recipe.info.slug}: {e['msg']}"
            for e in error.errors()
        ]
        raise BadInput(
            f"{recipe.info.label} cannot run with these parameters: {'; '.join(lines)}",
            hint=f"fields: {', '.join(recipe.params.model_fields)}",
        ) from None
    return checked


def run_create(
    *,
    project: Project,
    recipe_slug: str,
    params: dict[str, Any],
    count: int,
    root_seed: int,
    actor: Actor,
    trial: bool = False,
) -> SynthesisRun:
    """Make a run and queue its planning.

    Where planning a first sample takes longer than anybody waits for, what the run comes to is not
    known: it is made all the same, and its survey says what no draw came to as ``hurdle``.

    Raises BadInput when the recipe cannot run here, the parameters are wrong, or the pool cannot
    give ``count`` samples; the reasons are counted in the message. NoSpace below the reserve.
    """
    recipe = RECIPES[recipe_slug]
    if reason := recipe.unavailable():
        raise BadInput(f"{recipe.info.label} cannot run here: {reason}")
    if not 1 <= count <= MAX_COUNT:
        raise BadInput(f"a run has 1 to {MAX_COUNT:,} samples, not {count}")
    checked = recipe_params(recipe, params)
    if trial:
        checked = checked.for_trial()
    frozen = pool_freeze(project)
    survey, needed, hurdle = _expected(recipe, checked, pool_open(frozen), count, root_seed)
    space_require(project=project, needed=needed, purpose="this run")
    with transaction.atomic():
        run = SynthesisRun.objects.create(
            project=project,
            recipe=recipe.info.slug,
            recipe_version=recipe.info.version,
            params=checked.model_dump(mode="json"),
            pool=frozen,
            survey=survey.as_json() | {"hurdle": hurdle},
            root_seed=root_seed,
            count=count,
            requested=count,
            trial=trial,
            code_version=f"matteweb {settings.VERSION}",
            created_by=actor.user,
        )
        _plan_enqueue(run, actor)
        audit(
            actor=actor,
            project=project,
            action="run.create",
            target_kind="run",
            target_id=run.pk,
            detail={"recipe": recipe.info.slug, "count": count, "seed": root_seed, "trial": trial},
        )
    return run


def run_plan(*, run_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Plan every sample that has no row yet, then start the lanes. Safe to repeat after a kill.

    A sample that finds no plan in its tries becomes a failed row that counts the reasons.
    """
    run = SynthesisRun.objects.select_related("project", "created_by").get(pk=run_id)
    recipe = RECIPES[run.recipe]
    params = recipe.params.model_validate(run.params)
    pool = pool_open(run.pool)
    known = set(Sample.objects.filter(run=run).values_list("index", flat=True))
    for index in range(run.count):
        if should_stop():
            raise Cancelled(f"planning stopped at sample {index} of {run.count}")
        if index not in known:
            _sample_plan(run, recipe, params, pool, index)
        progress(index + 1, run.count)
    lanes_start(run=run)


def run_stop(*, run: SynthesisRun, actor: Actor) -> None:
    """Ask every job of the run to stop; finished samples stay, planned ones wait for resume."""
    for job in _live_jobs(run):
        job_cancel(job=job, actor=actor)
    _audit_run(run, actor, "run.stop")


def run_resume(*, run: SynthesisRun, actor: Actor) -> None:
    """Go on where the run stands: planning first, which starts the lanes when it is through."""
    if _live_jobs(run).exists():
        return
    with transaction.atomic():
        _plan_enqueue(run, actor)
        _audit_run(run, actor, "run.resume")


def run_reroll(*, run: SynthesisRun, actor: Actor) -> int:
    """Ask for one new sample for every failed or rejected one; return how many are new.

    What was rolled again before is not counted twice: a run asks for as many good samples as it was
    launched for. Raises BadInput when nothing is to be replaced.
    """
    bad = Sample.objects.filter(run=run, archived_at=None).filter(
        Q(state=SampleState.FAILED) | Q(review=ReviewState.REJECTED)
    )
    with transaction.atomic():
        fresh = SynthesisRun.objects.select_for_update().get(pk=run.pk)
        missing = fresh.requested - (fresh.count - bad.count())
        if missing <= 0:
            raise BadInput(f"run {run.pk} has no rejected or failed sample to replace")
        SynthesisRun.objects.filter(pk=run.pk).update(count=F("count") + missing)
        for place, sample in enumerate(bad.filter(reroll=None).order_by("index")[:missing]):
            Reroll.objects.create(sample=sample, run=run, index=fresh.count + place)
        _plan_enqueue(run, actor)
        _audit_run(run, actor, "run.reroll")
    run.refresh_from_db()
    return missing


def sample_reroll(*, sample: Sample, actor: Actor) -> Reroll:
    """Ask for one new sample, with the seed of another place, instead of a failed or rejected one.

    What was said about it is shown beside the new one. Raises BadInput for an import, which no
    recipe made, and Conflict for a sample that is neither, or that was rolled again already.
    """
    if sample.run is None:
        raise BadInput(f"{sample.name} was imported: no recipe can make another")
    if sample.state != SampleState.FAILED and sample.review != ReviewState.REJECTED:
        raise Conflict(f"{sample.name} is neither rejected nor failed: there is nothing to replace")
    with transaction.atomic():
        run = SynthesisRun.objects.select_for_update().get(pk=sample.run.pk)
        if Reroll.objects.filter(sample=sample).exists():
            raise Conflict(f"{sample.name} was rolled again already")
        made = Reroll.objects.create(sample=sample, run=run, index=run.count)
        SynthesisRun.objects.filter(pk=run.pk).update(count=F("count") + 1)
        run.count += 1
        _plan_enqueue(run, actor)
        audit(
            actor=actor,
            project=sample.project,
            action="sample.reroll",
            target_kind="sample",
            target_id=sample.pk,
            detail={"run": run.pk, "index": made.index},
        )
    return made


def _expected(
    recipe: Recipe, params: RecipeParams, pool: Pool, count: int, root_seed: int
) -> tuple[Survey, int, str]:
    """Plan the first samples to say before the run what would be missing at its end.

    Return the survey, the bytes that the run will write, and "" or, where no sample was planned
    within ``PATIENCE_SECONDS``, what its draws fell to; the bytes are then not known, and 0. Raises
    BadInput where samples are known to find no plan.
    """
    survey = recipe.survey(params, pool)
    if not survey.possible:
        raise BadInput(
            f"{recipe.info.label} cannot make {count} samples: {survey.reason}",
            hint="add videos with masks, or widen the limits of the recipe",
        )
    found = forecast(
        recipe,
        params,
        pool,
        root_seed=root_seed,
        count=count,
        give_up=patience(PATIENCE_SECONDS),
    )
    if found.unreachable:
        raise BadInput(
            f"{recipe.info.label} would not reach {count} samples: {found.shortfall}",
            hint="widen the limits of the recipe, or add videos with larger masks",
        )
    return survey, found.cost.bytes if found.cost else 0, found.shortfall


def _sample_plan(
    run: SynthesisRun,
    recipe: Recipe,
    params: RecipeParams,
    pool: Pool,
    index: int,
) -> None:
    """Write the row of one sample: planned, or failed with the reasons counted."""
    initials = "".join(part[0] for part in run.recipe.split("_"))
    row = Sample(
        project=run.project,
        run=run,
        index=index,
        name=f"{initials}-{run.pk}-{index:04d}",
        recipe=run.recipe,
        recipe_version=run.recipe_version,
        seed=str(sample_seed(run.root_seed, sample_key(run.recipe, index))),
        code_version=run.code_version,
        category=recipe.category,
    )
    try:
        planned = plan_sample(recipe, params, pool, root_seed=run.root_seed, index=index)
    except Unreachable as error:
        row.state, row.error, row.hint = SampleState.FAILED, error.message, error.hint
    else:
        for name, value in plan_fields(run, planned.plan).items():
            setattr(row, name, value)
    with transaction.atomic():
        row.save()
        sample_sources_link(sample=row)


def _plan_enqueue(run: SynthesisRun, actor: Actor) -> None:
    verb = "try" if run.trial else "plan"
    job_create(
        project=run.project,
        kind=PLAN_KIND,
        title=f"{RECIPES[run.recipe].info.label}: {verb} {run.count} samples",
        target_id=run.pk,
        actor=actor,
    )


def _live_jobs(run: SynthesisRun) -> QuerySet[Job]:
    return Job.objects.filter(kind__in=[PLAN_KIND, LANE_KIND], target_id=run.pk, state__in=LIVE)


def _audit_run(run: SynthesisRun, actor: Actor, action: str) -> None:
    audit(actor=actor, project=run.project, action=action, target_kind="run", target_id=run.pk)
