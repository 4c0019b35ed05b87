"""What was archived: to be brought back, or to be deleted for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from datasets_app.models import Asset, Bundle, ImageSet, Mask, Sample, SynthesisRun, Video
from matteweb.accounts.models import Project
from matteweb.errors import NotFound

Archivable = Video | Asset | Mask | ImageSet | SynthesisRun | Sample | Bundle

_KINDS: dict[str, tuple[type[Archivable], str]] = {
    "video": (Video, "project"),
    "still": (Asset, "project"),
    "mask": (Mask, "video__project"),
    "image_set": (ImageSet, "project"),
    "run": (SynthesisRun, "project"),
    "sample": (Sample, "project"),
    "bundle": (Bundle, "project"),
}


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """One archived object; ``kind`` and ``id`` are its address."""

    kind: str
    id: int
    name: str
    archived_at: datetime | None


def archived_rows(project: Project) -> list[ArchivedRow]:
    """Return everything archived in the project, newest first. One query per kind."""
    found = [
        ArchivedRow(kind, row.pk, str(row), row.archived_at)
        for kind in _KINDS
        for row in _archived(project, kind)
    ]
    return sorted(found, key=lambda row: str(row.archived_at), reverse=True)


def archived_row(project: Project, kind: str, pk: int) -> Archivable:
    """Return one archived object. Raises NotFound for everything else."""
    row = _archived(project, kind).filter(pk=pk).first() if kind in _KINDS else None
    if row is None:
        raise NotFound(f"no {kind} {pk} is archived in {project.name}")
    return row


def _archived(project: Project, kind: str) -> QuerySet[Archivable]:
    model, owner = _KINDS[kind]
    found: QuerySet[Archivable] = model._default_manager.filter(**{owner: project})
    if model is Mask:
        found = found.select_related("video")
    return found.exclude(archived_at=None)
