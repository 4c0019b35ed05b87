"""A command stays until the jobs for one object are through."""

from __future__ import annotations

from matteweb.errors import Cancelled, NoSpace, error_named
from matteweb.jobs.models import Job
from matteweb.jobs.runner import wait_for
from matteweb.jobs.states import LIVE, JobState


def wait_for_target(kind: str, target_id: int) -> None:
    """Return when no job of ``kind`` for the object is queued or running.

    Jobs run in this process where no worker lives. Raises as `require_done`.
    """
    jobs = Job.objects.filter(kind=kind, target_id=target_id)
    while (live := jobs.filter(state__in=LIVE).order_by("pk").first()) is not None:
        require_done(wait_for(live.pk))


def require_done(job: Job) -> None:
    """Raise what ended a job, or keeps it, if that is not its success: NoSpace for a job that waits
    for room, Cancelled for a cancelled one, for a failed one the kind of error that its handler
    raised, with its words."""
    if job.state == JobState.WAITING:
        raise NoSpace(f"{job.title} waits for room: {job.error}", hint=job.hint)
    if job.state == JobState.FAILED:
        raise error_named(job.error_code)(job.error or f"{job.title} failed", hint=job.hint)
    if job.state == JobState.CANCELLED:
        raise Cancelled(f"{job.title} was cancelled", hint="it can be resumed in Jobs")
