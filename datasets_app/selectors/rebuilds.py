"""What the last rebuild of a sample found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from datasets_app.models import Sample
from datasets_app.selectors.run_work import target_job
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE, JobState

REBUILD_KIND = "sample_regenerate"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """``identical`` is None while the job lives and where it failed; ``error`` says why then."""

    job: int
    state: str
    done: int
    total: int | None
    identical: bool | None
    layers: tuple[str, ...]
    differing: tuple[str, ...]
    platform: str
    code_version: str
    at: datetime | None
    error: str
    hint: str

    @property
    def live(self) -> bool:
        """Whether it is queued or running."""
        return self.state in LIVE


def rebuilds_of(sample: Sample) -> list[Rebuild]:
    """Return the rebuilds of ``sample``, newest first. One query."""
    jobs = Job.objects.filter(kind=REBUILD_KIND, target_id=sample.pk).order_by("-pk")
    return [_rebuild(job) for job in jobs]


def last_rebuild(sample: Sample) -> Rebuild | None:
    """Return the newest rebuild of ``sample``, None when there was none. One query."""
    job = target_job(REBUILD_KIND, sample.pk)
    return None if job is None else _rebuild(job)


def _rebuild(job: Job) -> Rebuild:
    found = job.checkpoint.get("regeneration", {}) if job.state == JobState.DONE else {}
    return Rebuild(
        job=job.pk,
        state=job.state,
        done=job.done,
        total=job.total,
        identical=found.get("identical"),
        layers=tuple(found.get("layers", ())),
        differing=tuple(found.get("differing", ())),
        platform=found.get("platform", ""),
        code_version=found.get("code_version", ""),
        at=job.finished_at,
        error=job.error,
        hint=job.hint,
    )
