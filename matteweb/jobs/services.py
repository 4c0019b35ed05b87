"""What people and programs do with jobs: create, cancel, retry. All moves are compare-and-swap.

Each change takes the next number of one sequence in the same transaction, so numbers appear to
readers in rising order, and "what is newer than n" misses nothing.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import Conflict
from matteweb.jobs.models import Job, JobSequence
from matteweb.jobs.states import ALLOWED, JobState
from matteweb.jobs.workers import workers_alive

__all__ = ["job_cancel", "job_create", "job_move", "job_retry", "workers_alive"]

RUN_JOB = "matteweb.jobs.runner.run_job"


def job_create(
    *,
    project: Project,
    kind: str,
    title: str,
    target_id: int | None = None,
    params: dict[str, Any] | None = None,
    actor: Actor,
) -> Job:
    """Store a queued job; a worker hears of it when the caller's transaction commits.

    ``kind`` is a key of ``settings.JOB_HANDLERS``; ``params`` must survive JSON.
    """
    if kind not in settings.JOB_HANDLERS:
        raise ValueError(f"no handler is registered for jobs of kind {kind!r}")
    with transaction.atomic():
        job = Job.objects.create(
            project=project,
            kind=kind,
            title=title[:200],
            target_id=target_id,
            params=params or {},
            created_by=actor.user,
            seq=sequence_next(),
        )
        job_enqueue(job.pk)
    return job


def job_cancel(*, job: Job, actor: Actor) -> Job:
    """Stop the job: at once when nobody runs it, else its worker stops within a second or two.

    What is finished is kept. Raises Conflict when the job has already ended.
    """
    with transaction.atomic():
        if not _cancel_now(job.pk):
            running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
            if not running.update(cancel_requested=True, seq=sequence_next()):
                job.refresh_from_db()
                raise Conflict(f'"{job.title}" has already ended: it is {job.state}.')
        _audit("job.cancel", job, actor)
    job.refresh_from_db()
    return job


def job_retry(*, job: Job, actor: Actor) -> Job:
    """Queue a failed or cancelled job again; it goes on from its last checkpoint.

    Raises Conflict for a job in any other state.
    """
    fresh: dict[str, Any] = {
        "error": "",
        "error_code": "",
        "hint": "",
        "traceback": "",
        "crashes": 0,
        "cancel_requested": False,
        "finished_at": None,
    }
    with transaction.atomic():
        if not any(
            job_move(job.pk, source=source, to=JobState.QUEUED, **fresh)
            for source in (JobState.FAILED, JobState.CANCELLED)
        ):
            job.refresh_from_db()
            raise Conflict(
                f'"{job.title}" is {job.state}.',
                hint="Only a failed or cancelled job can be started again.",
            )
        _audit("job.retry", job, actor)
    job.refresh_from_db()
    return job


def job_move(
    job_id: int, *, source: JobState, to: JobState, held_by: str = "", **changes: Any
) -> bool:
    """Move the job if it still is in ``source`` and held by ``held_by``; return whether it was.

    ``held_by`` is the token of a running job's owner, "" for every other state. A move to running
    hands the new owner's token over as ``claim``. Raises ValueError for a move that the table
    forbids.
    """
    if to not in ALLOWED[source]:
        raise ValueError(f"a {source} job never becomes {to}")
    if to != JobState.RUNNING:
        changes["claim"] = ""
    with transaction.atomic():
        row = Job.objects.filter(pk=job_id, state=source, claim=held_by)
        moved = row.update(state=to, seq=sequence_next(), **changes) == 1
        if moved and to == JobState.QUEUED:
            job_enqueue(job_id)
    return moved


def job_enqueue(job_id: int) -> None:
    """Put a call for the job into the queue on commit.

    Calls may be lost or doubled without harm: a lost one is repeated by the sweeper, and of two
    only one claims.
    """
    Job.objects.filter(pk=job_id).update(enqueued_at=timezone.now())
    transaction.on_commit(lambda: async_task(RUN_JOB, job_id))


def sequence_next() -> int:
    """Number a change. Call it in the transaction of that change: the row stays locked until it
    commits, so a reader never sees a number before a lower one."""
    counter = JobSequence.objects.filter(pk=1)
    if not counter.update(value=F("value") + 1):
        JobSequence.objects.create(pk=1, value=1)
    return counter.values_list("value", flat=True).get()


def _cancel_now(job_id: int) -> bool:
    return any(
        job_move(job_id, source=source, to=JobState.CANCELLED, finished_at=timezone.now())
        for source in (JobState.QUEUED, JobState.WAITING)
    )


def _audit(action: str, job: Job, actor: Actor) -> None:
    audit(
        actor=actor,
        project=job.project,
        action=action,
        target_kind="job",
        target_id=job.pk,
        detail={"kind": job.kind, "title": job.title},
    )
