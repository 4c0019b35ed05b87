"""Who refers to which blob: the one list behind quotas and collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import ForeignKey, Model, Q, QuerySet, Sum

from datasets_app.models import (
    Annotation,
    Asset,
    AssetLayer,
    Blob,
    Bundle,
    BundleFile,
    Layer,
    LayoutExport,
    Mask,
    QualityReport,
    SetPicture,
    Video,
)
from matteweb.accounts.models import Project

# How each model that holds blobs leads to its project. A model of a later application says it
# itself, as ``project_path``.
PROJECT_OF: dict[type[Model], str] = {
    Video: "project",
    Mask: "video__project",
    Asset: "project",
    AssetLayer: "asset__project",
    Layer: "sample__project",
    Bundle: "project",
    BundleFile: "bundle__project",
    QualityReport: "project",
    Annotation: "video__project",
    SetPicture: "image_set__project",
    LayoutExport: "project",
}


def project_path(model: type[Model]) -> str:
    """Return the lookup from a row that holds blobs to its project."""
    path: str = PROJECT_OF.get(model) or model.project_path  # type: ignore[attr-defined]
    return path


@dataclass(frozen=True, slots=True)
class BlobReference:
    """One column that points at blobs."""

    model: type[Model]
    column: str

    def digests(self, **conditions: object) -> QuerySet[Model, str]:
        """Return the digests in this column, of the rows that meet ``conditions``."""
        rows = self.model._default_manager.filter(**conditions)
        return rows.filter(**{f"{self.column}__isnull": False}).values_list(self.column, flat=True)


def blob_references() -> Iterator[BlobReference]:
    """Yield every foreign key to a blob, in whatever application."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is Blob:
                yield BlobReference(model, field.attname)


def blob_is_referenced(digest: str) -> bool:
    """Return whether any row points at the blob."""
    return any(
        reference.digests(**{reference.column: digest}).exists() for reference in blob_references()
    )


def blobs_unreferenced() -> QuerySet[Blob]:
    """Return the blobs that no row points at."""
    blobs = Blob.objects.all()
    for reference in blob_references():
        blobs = blobs.exclude(pk__in=reference.digests())
    return blobs


def blobs_of_project(project: Project) -> QuerySet[Blob]:
    """Return every blob that the project's objects point at, each once."""
    held = Q(pk__in=())
    for reference in blob_references():
        held |= Q(pk__in=reference.digests(**{project_path(reference.model): project}))
    return Blob.objects.filter(held)


def project_bytes(project: Project) -> int:
    """Return the bytes that the project occupies; what is used twice counts once."""
    total: int | None = blobs_of_project(project).aggregate(total=Sum("size"))["total"]
    return total or 0
