"""What the owner of a claim writes into its job, and what happens to a job whose owner died.

Every write names the owner's token. A write that finds another token changes nothing and says so:
that is how a process that was believed dead learns that its job has gone on without it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matteweb.errors import Fault
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_move, sequence_next
from matteweb.jobs.states import JobState

LOG_LINES_KEPT = 200


class Standing(Enum):
    """How an owner stands to its job after a write."""

    MINE = "mine"
    CANCELLED = "somebody asked to stop"
    LOST = "the job has another owner or none"


def job_claim(job_id: int, token: str) -> Job | None:
    """Make ``token`` the owner of a queued job; None when somebody was faster or it has ended."""
    now = timezone.now()
    claimed = job_move(
        job_id,
        source=JobState.QUEUED,
        to=JobState.RUNNING,
        claim=token,
        heartbeat_at=now,
        started_at=now,
        attempt=F("attempt") + 1,
        cancel_requested=False,
        error="",
        hint="",
    )
    return Job.objects.select_related("project").get(pk=job_id) if claimed else None


def job_beat(job_id: int, token: str) -> Standing:
    """Say that the owner lives. Readers are not told: nothing that they see has changed."""
    Job.objects.filter(pk=job_id, claim=token).update(heartbeat_at=timezone.now())
    return job_standing(job_id, token)


def job_write(job_id: int, token: str, **fields: Any) -> Standing:
    """Write visible fields of a running job and announce the change."""
    with transaction.atomic():
        Job.objects.filter(pk=job_id, claim=token).update(
            heartbeat_at=timezone.now(), seq=sequence_next(), **fields
        )
        return job_standing(job_id, token)


def job_standing(job_id: int, token: str, *, lock: bool = False) -> Standing:
    """Return how the holder of ``token`` stands to the job.

    With ``lock``, which needs a transaction, the answer stays true until that commits.
    """
    jobs = Job.objects.select_for_update() if lock else Job.objects.all()
    flags = jobs.filter(pk=job_id, claim=token).values_list("cancel_requested", flat=True)
    cancelled = flags.first()
    if cancelled is None:
        return Standing.LOST
    return Standing.CANCELLED if cancelled else Standing.MINE


def job_finish(job_id: int, token: str, to: JobState, **changes: Any) -> bool:
    """End the owner's turn; False when the claim was lost, and then nothing is written."""
    if to not in (JobState.QUEUED, JobState.WAITING):
        changes["finished_at"] = timezone.now()
    changes["rate"] = None
    return job_move(job_id, source=JobState.RUNNING, to=to, held_by=token, **changes)


def job_orphaned(job: Job, cause: str, *, counts: bool = True) -> bool:
    """Take a running job from its dead owner; False when the job has moved since it was read.

    It is queued again, unless somebody wanted it cancelled, or its owners died too often without
    getting further than before: then it fails. ``cause`` goes into the job's log. A death that is
    no fault of the job does not count.
    """
    crashes = job.crashes + counts
    changes: dict[str, Any] = {"crashes": crashes, "log": with_line(job, cause)}
    to = JobState.QUEUED
    if job.cancel_requested:
        to = JobState.CANCELLED
    elif crashes >= settings.JOB_CRASHES_ALLOWED:
        to = JobState.FAILED
        changes["error_code"] = Fault.code
        changes["error"] = (
            f"The process that ran this job died {crashes} times in a row without getting "
            f"further{_place(job)}."
        )
        changes["hint"] = (
            "Often the machine has too little memory for it: close other programs or set "
            "MATTEWEB_WORKERS to a smaller number. Then retry; what is finished is kept."
        )
    return job_finish(job.pk, job.claim, to, **changes)


def with_line(job: Job, text: str) -> list[dict[str, str]]:
    """Return the job's log with one more line, without the oldest ones beyond the limit."""
    line = {"at": timezone.now().isoformat(timespec="seconds"), "step": job.step, "text": text}
    return [*job.log, line][-LOG_LINES_KEPT:]


def _place(job: Job) -> str:
    if not job.step:
        return ""
    return f" than {job.done:,} {job.unit} of “{job.step}”"
