"""What stopped on its way in goes on: nothing that arrives is ever stuck."""

from __future__ import annotations

from django.db import transaction

from datasets_app.models import Asset, Mask, Upload, Video
from datasets_app.services.receiving.uploads import FINISH_JOB
from matteweb.accounts.actor import Actor
from matteweb.errors import Conflict, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create, job_retry
from matteweb.jobs.states import LIVE, JobState


@transaction.atomic
def ingest_resume(*, row: Video | Asset | Mask | Upload, actor: Actor) -> Job:
    """Run the job of something that is still arriving again, after it was cancelled or failed.

    Raises Conflict while a job works on it, NotFound when it never had one.
    """
    job = _latest_job(row)
    if job is None:
        raise NotFound(f"{row} has no job", hint="bring the file in again")
    if job.state in LIVE:
        raise Conflict(f"{job.title} is {job.state}", hint="wait until it is through")
    if job.state != JobState.DONE:
        return job_retry(job=job, actor=actor)
    return job_create(
        project=job.project,
        kind=job.kind,
        title=job.title,
        target_id=job.target_id,
        params=job.params,
        actor=actor,
    )


def _latest_job(row: Video | Asset | Mask | Upload) -> Job | None:
    if isinstance(row, Mask):
        kind, project = "ingest_mask", row.video.project
    else:
        kind, project = "ingest_footage", row.project
    if isinstance(row, Upload):
        kind = FINISH_JOB
    jobs = Job.objects.filter(kind=kind, project=project, target_id=row.pk).order_by("-pk")
    if isinstance(row, Video | Asset):
        # Videos and stills are numbered each for themselves, and share the kind of their jobs.
        still = isinstance(row, Asset)
        return next((job for job in jobs if (job.params.get("kind") == "still") == still), None)
    return jobs.first()
