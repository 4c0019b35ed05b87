"""The mask tracks of a video as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from datasets_app.models import Blob, Mask, Video
from datasets_app.models.video import IngestState
from inference_app.models import MaskExport
from inference_app.models.mask_export import EXPORT_KIND
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

COMBINE_KIND: Final = "mask_combine"
"""The kind of job that makes a mask of masks."""

EXPORTS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class ExportStanding:
    """An export with the job that writes it."""

    export: MaskExport
    job: Job | None

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        return self.export.archive_id is None and self.job is not None and self.job.state in LIVE

    @property
    def masks(self) -> str:
        """The names of its masks."""
        return ", ".join(one["name"] for one in self.export.masks)


def tracks_of(video: Video) -> list[Mask]:
    """Return the masks that can be worked with, oldest first."""
    ready = video.masks.filter(state=IngestState.READY, archived_at=None)
    return list(ready.select_related("master").order_by("pk"))


def tracks_named(video: Video, names: Sequence[str]) -> list[Mask]:
    """Return masks by name, in the order of the names. Raises NotFound."""
    known = {mask.name: mask for mask in tracks_of(video)}
    missing = [name for name in names if name not in known]
    if missing:
        raise NotFound(f"video {video.name} has no mask {missing[0]!r} that is ready")
    return [known[name] for name in names]


def tracks_numbered(video: Video, numbers: Sequence[int]) -> list[Mask]:
    """Return masks by id, in the order of the ids. Raises NotFound."""
    known = {mask.pk: mask for mask in tracks_of(video)}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise NotFound(f"video {video.name} has no mask {missing[0]} that is ready")
    return [known[number] for number in numbers]


def combining_jobs(video: Video) -> list[Job]:
    """Return the jobs that still make masks of this video's masks."""
    return list(Job.objects.filter(kind=COMBINE_KIND, target_id=video.pk, state__in=LIVE))


def export_standings(video: Video) -> list[ExportStanding]:
    """Return the newest exports, newest first. Two queries."""
    exports = list(MaskExport.objects.filter(video=video).select_related("archive")[:EXPORTS_SHOWN])
    rows = Job.objects.filter(kind=EXPORT_KIND, target_id__in=[one.pk for one in exports])
    jobs = {job.target_id: job for job in rows.order_by("pk")}
    return [ExportStanding(one, jobs.get(one.pk)) for one in exports]


def export_of(project: Project, pk: int) -> MaskExport:
    """Return one export. Raises NotFound when it is not this project's."""
    found = (
        MaskExport.objects.filter(pk=pk, video__project=project, video__archived_at=None)
        .select_related("video", "archive")
        .first()
    )
    if found is None:
        raise NotFound(f"there is no export of masks {pk} in {project.name}")
    return found


def export_file(export: MaskExport) -> tuple[Blob, str, str]:
    """Return the file, its media type and its name. Raises NotFound until it is written."""
    if export.archive is None:
        raise NotFound(f"{export} is not written yet")
    if export.form == "coco":
        return export.archive, "application/json", f"{export.video.name} masks.json"
    return export.archive, "application/zip", f"{export.video.name} masks.zip"


def export_facts(standing: ExportStanding) -> dict[str, Any]:
    """Return an export as the API tells of it."""
    export = standing.export
    return {
        "id": export.pk,
        "form": export.form,
        "masks": [one["name"] for one in export.masks],
        "reading": export.reading,
        "radius": export.radius,
        "state": "ready" if export.archive_id else standing.job.state if standing.job else "failed",
        "bytes": export.archive.size if export.archive else None,
        "sha256": export.archive_id or "",
    }
