"""What is on its way into the Library, each with the job that works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from datasets_app.models import Asset, Mask, Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.models.video import IngestState
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE, JobState

ENDED = frozenset({JobState.FAILED, JobState.CANCELLED})
IMPORTS_SHOWN_FOR = timedelta(hours=1)
"""How long an import that is through stands in the panel with what it left out."""


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """Footage on its way in, with the job that reads it."""

    row: Video | Asset
    job: Job | None

    @property
    def stopped(self) -> bool:
        """Whether nobody reads it although it is not through: its job was cancelled or failed."""
        arriving = self.row.state == IngestState.ARRIVING
        return arriving and (self.job is None or self.job.state in ENDED)


@dataclass(frozen=True, slots=True)
class IncomingMask:
    """A mask with the job that reads it."""

    mask: Mask
    job: Job | None

    @property
    def stopped(self) -> bool:
        """Whether nobody reads it although it is not through."""
        arriving = self.mask.state == IngestState.ARRIVING
        return arriving and (self.job is None or self.job.state in ENDED)

    @property
    def moving(self) -> bool:
        """Whether it changes by itself."""
        return self.mask.state == IngestState.ARRIVING and not self.stopped


@dataclass(frozen=True, slots=True)
class IncomingUpload:
    """A file that arrived whole, with the job that stores it."""

    upload: Upload
    job: Job | None

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person."""
        failed = self.upload.state == UploadState.FAILED
        return failed or self.job is None or self.job.state in ENDED


@dataclass(frozen=True, slots=True)
class IncomingTree:
    """A whole tree on its way in, or lately through."""

    job: Job

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person."""
        return self.job.state in ENDED

    @property
    def added(self) -> dict[str, int]:
        """What it brought, by kind; empty before it is through."""
        counts: dict[str, int] = self.job.checkpoint.get("report", {}).get("added", {})
        return {kind: count for kind, count in counts.items() if count}

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What had no partner or could not be used."""
        found = self.job.checkpoint.get("report", {}).get("findings", [])
        return [one for one in found if one["severity"] != "note"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is on its way in or waits for a person: files, trees, footage."""

    uploads: list[IncomingUpload]
    imports: list[IncomingTree]
    footage: list[IncomingRow]
    masks: int
    """How many masks are being read; each stands on the page of its video."""

    def __bool__(self) -> bool:
        return bool(self.uploads or self.imports or self.footage or self.masks)

    @property
    def arriving(self) -> int:
        """How many change by themselves."""
        footage = sum(
            one.row.state == IngestState.ARRIVING and not one.stopped for one in self.footage
        )
        imports = sum(one.job.state in LIVE for one in self.imports)
        uploads = sum(not one.stopped for one in self.uploads)
        return footage + imports + uploads + self.masks

    @property
    def asking(self) -> int:
        """How many wait for a person."""
        imports = sum(one.job.state != JobState.DONE for one in self.imports)
        moving = self.arriving - self.masks
        return len(self.footage) + imports + len(self.uploads) - moving


def incoming(project: Project) -> Incoming:
    """Return what arrives, asks, or failed; newest first, 50 of each kind. Seven queries."""
    waiting = [IngestState.ARRIVING, IngestState.NEEDS_DECISION, IngestState.FAILED]
    rows: list[Video | Asset] = []
    for model in (Video, Asset):
        arriving = model._default_manager.filter(
            project=project, archived_at=None, state__in=waiting
        )
        rows += arriving.select_related("original")[:50]
    jobs = _jobs(project, "ingest_footage", [row.pk for row in rows])
    by_row = {(job.params.get("kind") == "still", job.target_id): job for job in jobs}
    received = Upload.objects.filter(
        project=project, state__in=[UploadState.RECEIVED, UploadState.FAILED]
    )
    uploads = list(received[:50])
    storing = {
        job.target_id: job for job in _jobs(project, "upload_finish", [one.pk for one in uploads])
    }
    lately = timezone.now() - IMPORTS_SHOWN_FOR
    imports = Job.objects.filter(
        Q(finished_at=None) | Q(finished_at__gte=lately), project=project, kind="folder_import"
    )
    return Incoming(
        uploads=[IncomingUpload(one, storing.get(one.pk)) for one in uploads],
        imports=[IncomingTree(job) for job in imports.order_by("-pk")[:10]],
        footage=[IncomingRow(row, by_row.get((isinstance(row, Asset), row.pk))) for row in rows],
        masks=Job.objects.filter(project=project, kind="ingest_mask", state__in=LIVE).count(),
    )


def footage_incoming(row: Video | Asset) -> IncomingRow:
    """Return one video or still with the job that reads it."""
    still = isinstance(row, Asset)
    jobs = _jobs(row.project, "ingest_footage", [row.pk])
    fitting = [job for job in jobs if (job.params.get("kind") == "still") == still]
    return IncomingRow(row, fitting[-1] if fitting else None)


def masks_incoming(video: Video) -> list[IncomingMask]:
    """Return the masks of a video, each with the job that reads it. Two queries."""
    masks = list(Mask.objects.filter(video=video, archived_at=None))
    jobs = _jobs(video.project, "ingest_mask", [mask.pk for mask in masks])
    newest = {job.target_id: job for job in jobs}
    return [IncomingMask(mask, newest.get(mask.pk)) for mask in masks]


def _jobs(project: Project, kind: str, targets: list[int]) -> QuerySet[Job]:
    """Return the jobs for these objects, the newest of each last."""
    return Job.objects.filter(kind=kind, project=project, target_id__in=targets).order_by("pk")
