"""Reads of jobs."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db.models import QuerySet

from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.events import Snapshot, job_facts
from matteweb.jobs.models import Job, JobSequence
from matteweb.jobs.states import FINISHED, LIVE
from matteweb.jobs.workers import pools_alive

ENDED_SHOWN = 200


def sequence_now() -> int:
    """Return the number of the newest change."""
    return JobSequence.objects.filter(pk=1).values_list("value", flat=True).first() or 0


def snapshot(project: Project, since: int | None = None, ended: int = ENDED_SHOWN) -> Snapshot:
    """Return the jobs of the project, or only those that changed after number ``since``.

    A number that lies ahead comes from before a restored backup: then everything is told.
    """
    # Read before the jobs: what changes in between is told again, never lost.
    seq = sequence_now()
    whole = since is None or since > seq
    jobs = jobs_shown(project, ended) if whole else jobs_changed(project, since or 0)
    disk = shutil.disk_usage(settings.DATA_DIR)
    return {
        "seq": seq,
        "jobs": [job_facts(job) for job in jobs],
        "slots": sum(pool.slots for pool in pools_alive()),
        "disk_free": disk.free,
        "disk_total": disk.total,
        "disk_reserve": settings.DISK_RESERVE_BYTES,
    }


def jobs_shown(project: Project, ended: int) -> list[Job]:
    """Return all jobs that have not ended, and the ``ended`` that ended last."""
    jobs = _jobs().filter(project=project)
    live = jobs.filter(state__in=LIVE).order_by("id")
    finished = jobs.filter(state__in=FINISHED).order_by("-finished_at", "-id")
    return [*live, *finished[:ended]]


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
