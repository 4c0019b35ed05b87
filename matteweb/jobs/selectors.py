"""Reads of jobs."""

from __future__ import annotations

from django.db.models import QuerySet

from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job, JobSequence
from matteweb.jobs.states import FINISHED, LIVE

FINISHED_SHOWN = 200


def sequence_now() -> int:
    """Return the number of the newest change."""
    return JobSequence.objects.filter(pk=1).values_list("value", flat=True).first() or 0


def jobs_shown(project: Project) -> list[Job]:
    """Return all jobs that have not ended, and the 200 that ended last."""
    jobs = _jobs().filter(project=project)
    live = jobs.filter(state__in=LIVE).order_by("id")
    finished = jobs.filter(state__in=FINISHED).order_by("-finished_at", "-id")
    return [*live, *finished[:FINISHED_SHOWN]]


def jobs_changed(project: Project, since: int) -> list[Job]:
    """Return the jobs with a change above ``since``, in the order of their last changes."""
    return list(_jobs().filter(project=project, seq__gt=since).order_by("seq"))


def all_jobs_changed(since: int, limit: int) -> list[Job]:
    """Return at most ``limit`` jobs of all projects that changed after ``since``, oldest first."""
    return list(_jobs().filter(seq__gt=since).order_by("seq")[:limit])


def job_in(project: Project, job_id: int) -> Job:
    """Return the job; raises NotFound when the project has no such job."""
    job = _jobs().select_related("project").filter(project=project, pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no job {job_id} in this project.")
    return job


def _jobs() -> QuerySet[Job]:
    return Job.objects.select_related("created_by")
