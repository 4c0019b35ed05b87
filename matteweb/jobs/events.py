"""What the outside sees of a job: one shape for the API, the page and the socket."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypedDict

from django.utils import timezone

from matteweb.jobs.models import Job
from matteweb.jobs.pace import seconds_left

# A rate means little before either has passed.
RATE_SETTLED_SECONDS = 3
RATE_SETTLED_SHARE = 0.03


class JobFacts(TypedDict):
    """A job as lists show it. Times are ISO 8601 in UTC; ``seq`` numbers its last change."""

    id: int
    seq: int
    kind: str
    title: str
    target_id: int | None
    state: str
    cancel_requested: bool
    step: str
    done: int
    total: int | None
    unit: str
    rate: float | None
    seconds_left: float | None
    attempt: int
    error: str
    error_code: str
    hint: str
    created_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None


class JobDetail(JobFacts):
    """A job with all that is known of it."""

    params: dict[str, Any]
    steps: list[dict[str, Any]]
    log: list[dict[str, str]]
    traceback: str


class Snapshot(TypedDict):
    """The jobs of a project, and where they run. Sizes in bytes."""

    seq: int
    jobs: list[JobFacts]
    slots: int
    disk_free: int
    disk_total: int
    disk_reserve: int


class JobNews(TypedDict):
    """Sent by the socket whenever a job changes."""

    seq: int
    kind: Literal["job"]
    job: JobFacts


class Hello(TypedDict):
    """The first message of the socket: what changed up to ``seq`` is in the snapshot, not here."""

    seq: int
    kind: Literal["hello"]


def job_facts(job: Job) -> JobFacts:
    """Return the job as lists show it; ``created_by`` should be loaded with it."""
    return {
        "id": job.pk,
        "seq": job.seq,
        "kind": job.kind,
        "title": job.title,
        "target_id": job.target_id,
        "state": job.state,
        "cancel_requested": job.cancel_requested,
        "step": job.step,
        "done": job.done,
        "total": job.total,
        "unit": job.unit,
        "rate": job.rate,
        "seconds_left": _seconds_left(job),
        "attempt": job.attempt,
        "error": job.error,
        "error_code": job.error_code,
        "hint": job.hint,
        "created_by": job.created_by.username if job.created_by else "",
        "created_at": job.created_at.isoformat(),
        "started_at": _text(job.started_at),
        "finished_at": _text(job.finished_at),
    }


def job_detail(job: Job) -> JobDetail:
    """Return all that is known of the job."""
    return {
        **job_facts(job),
        "params": job.params,
        "steps": job.steps,
        "log": job.log,
        "traceback": job.traceback,
    }


def job_news(job: Job) -> JobNews:
    """Return the message that tells of the job's last change."""
    return {"seq": job.seq, "kind": "job", "job": job_facts(job)}


def _seconds_left(job: Job) -> float | None:
    left = seconds_left(job.done, job.total, job.rate)
    if left is None or job.started_at is None:
        return None
    lasted = (timezone.now() - job.started_at).total_seconds()
    share = job.done / job.total if job.total else 0
    settled = lasted >= RATE_SETTLED_SECONDS or share >= RATE_SETTLED_SHARE
    return round(left, 1) if settled else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
