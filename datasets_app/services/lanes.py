"""Render jobs of a run: as many as workers can use, each taking one planned sample at a time."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import UsesCores
from datasets_app.models import Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE, JobState

LANE_KIND = "synthesis_render"
GIVES_WAY = ("quality_measure",)
"""Kinds of jobs that nobody waits for: work does not give up its turn to them."""


@transaction.atomic
def lanes_start(*, run: SynthesisRun) -> int:
    """Queue render jobs for the run's planned samples; lanes that live already count.

    A recipe that keeps several cores busy has so many times fewer lanes than there are workers.
    """
    waiting = Sample.objects.filter(run=run, state=SampleState.PLANNED).count()
    alive = Job.objects.filter(kind=LANE_KIND, target_id=run.pk, state__in=LIVE).count()
    recipe = RECIPES[run.recipe]
    cores = recipe.cores if isinstance(recipe, UsesCores) else 1
    missing = max(0, min(max(1, settings.JOB_WORKERS // cores), waiting) - alive)
    for _ in range(missing):
        job_create(
            project=run.project,
            kind=LANE_KIND,
            title=f"{recipe.info.label}: render run {run.pk}",
            target_id=run.pk,
            actor=Actor(run.created_by, AuditEntry.Channel.JOB),
        )
    return missing


def sample_claim(*, run_id: int, job_id: int) -> Sample | None:
    """Take the next sample for this lane, or None when nothing is left to take.

    1. What this lane held when its worker died comes first: nobody else may touch it.
    2. Otherwise the lowest planned sample, by compare-and-swap; who loses the race tries the next.
    """
    mine = Sample.objects.filter(
        run_id=run_id, state=SampleState.RENDERING, claimed_by_job=job_id
    ).first()
    if mine is not None:
        return mine
    planned = Sample.objects.filter(run_id=run_id, state=SampleState.PLANNED)
    while (candidate := planned.order_by("index").values_list("pk", flat=True).first()) is not None:
        took = planned.filter(pk=candidate).update(
            state=SampleState.RENDERING, claimed_by_job=job_id, frames_made=0
        )
        if took == 1:
            return Sample.objects.select_related("run", "project").get(pk=candidate)
    return None


def others_wait(run_id: int) -> bool:
    """Return whether a job other than a lane of this run waits for a worker."""
    queued = Job.objects.filter(state=JobState.QUEUED)
    queued = queued.exclude(kind__in=GIVES_WAY)
    return queued.exclude(kind=LANE_KIND, target_id=run_id).exists()


def samples_release(*, job_id: int) -> None:
    """Give back what this lane holds, after a cancel or a failure of the job itself."""
    Sample.objects.filter(state=SampleState.RENDERING, claimed_by_job=job_id).update(
        state=SampleState.PLANNED, claimed_by_job=None
    )
