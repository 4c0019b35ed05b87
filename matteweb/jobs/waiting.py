"""A command stays until the jobs for one object are through."""

from __future__ import annotations

from matteweb.errors import Cancelled, MatteError, NoSpace
from matteweb.jobs.models import Job
from matteweb.jobs.runner import wait_for
from matteweb.jobs.states import LIVE, JobState


def wait_for_target(kind: str, target_id: int) -> None:
    """Return when no job of ``kind`` for the object is queued or running.

    Jobs run in this process where no worker lives. Raises NoSpace for a job that waits for room,
    Cancelled for a cancelled one and MatteError with the job's own words for a failed one.
    """
    jobs = Job.objects.filter(kind=kind, target_id=target_id)
    while (live := jobs.filter(state__in=LIVE).order_by("pk").first()) is not None:
        job = wait_for(live.pk)
        if job.state == JobState.WAITING:
            raise NoSpace(f"{job.title} waits for room: {job.error}", hint=job.hint)
        if job.state == JobState.FAILED:
            raise MatteError(job.error or f"{job.title} failed", hint=job.hint)
        if job.state == JobState.CANCELLED:
            raise Cancelled(f"{job.title} was cancelled", hint="it can be resumed in Jobs")
