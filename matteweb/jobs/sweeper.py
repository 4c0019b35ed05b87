"""Puts right what a death left behind. Safe to run from several processes at once."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from matteweb.jobs import room
from matteweb.jobs.claims import claim_owner, surely_dead
from matteweb.jobs.holding import job_orphaned
from matteweb.jobs.models import Job, WorkerPool
from matteweb.jobs.services import job_enqueue, job_move
from matteweb.jobs.states import LIVE, JobState

logger = logging.getLogger(__name__)


def sweep() -> None:
    """Take jobs from dead owners, wake jobs that waited for room, repeat lost calls."""
    orphans_requeue()
    waiting_resume()
    lost_calls_repeat()


def orphans_requeue() -> None:
    """Take running jobs from owners that are dead on this host or silent for too long."""
    silent_since = timezone.now() - timedelta(seconds=settings.JOB_DEAD_AFTER_SECONDS)
    for job in Job.objects.filter(state=JobState.RUNNING):
        if surely_dead(claim_owner(job.claim)):
            job_orphaned(job, "its process died")
        elif job.heartbeat_at is None or job.heartbeat_at < silent_since:
            job_orphaned(job, f"nothing was heard of its process for {_silence()} s")


def waiting_resume() -> None:
    """Queue what waits for room, when there is some again; each job at most every ten seconds."""
    long_ago = timezone.now() - timedelta(seconds=settings.JOB_WAITS_AT_LEAST_SECONDS)
    jobs = Job.objects.filter(state=JobState.WAITING, heartbeat_at__lt=long_ago)
    waiting = jobs.values_list("pk", flat=True)
    if waiting and room.room_again():
        for job_id in waiting:
            job_move(job_id, source=JobState.WAITING, to=JobState.QUEUED, error="", hint="")


def lost_calls_repeat() -> None:
    """Enter queued jobs again whose call was lost with the process that had fetched it.

    A call that a busy pool has fetched but not yet begun looks lost, too, and is repeated: a free
    pool may then take the job. Calls that nobody has fetched are never doubled, so this ends.
    """
    stale = timezone.now() - timedelta(seconds=settings.JOB_CALL_LOST_AFTER_SECONDS)
    jobs = Job.objects.filter(state=JobState.QUEUED, enqueued_at__lt=stale)
    candidates = set(jobs.values_list("pk", flat=True))
    if not candidates:
        return
    for call in OrmQ.objects.filter(lock__lte=timezone.now()):
        candidates.difference_update(call.args() or ())
    for job_id in sorted(candidates):
        job_enqueue(job_id)


def housekeep() -> None:
    """Forget what no longer means anything; enough to do now and then.

    Calls for jobs that have ended are left over when a process died after it had fetched them, and
    pools that were killed leave their rows.
    """
    live = set(Job.objects.filter(state__in=LIVE).values_list("pk", flat=True))
    for call in OrmQ.objects.all():
        if live.isdisjoint(call.args() or ()):
            call.delete()
    WorkerPool.objects.filter(seen_at__lt=timezone.now() - timedelta(hours=1)).delete()
    for name in settings.HOUSEKEEPING:
        try:
            import_string(name)()
        except Exception:  # whatever an application does, the pool goes on
            logger.exception("%s failed; it is repeated", name)


def _silence() -> int:
    return int(settings.JOB_DEAD_AFTER_SECONDS)
