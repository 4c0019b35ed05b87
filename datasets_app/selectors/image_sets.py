"""Image sets and the annotations that they are cut from, for their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from datasets_app.models import (
    Annotation,
    Bundle,
    ImageSet,
    LayoutExport,
    SetPicture,
    Video,
)
from datasets_app.models.sample import ReviewState
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import JobState


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class of one split: how many pictures, and how they were judged."""

    split: str
    label: str
    count: int
    accepted: int
    rejected: int
    masks: int


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export with the job that writes it."""

    export: LayoutExport
    job: Job | None

    @property
    def state(self) -> str:
        """``done`` when the archive is there, else the state of its job."""
        if self.export.archive_id:
            return JobState.DONE
        return self.job.state if self.job else JobState.CANCELLED

    @property
    def error(self) -> str:
        """Why it could not be written."""
        return "" if self.export.archive_id or self.job is None else self.job.error


def image_sets_of(project: Project) -> QuerySet[ImageSet]:
    """Return the sets that are not archived, newest first, each with counts of its pictures."""
    rows = ImageSet.objects.filter(project=project, archived_at=None)
    return rows.annotate(
        count=Count("pictures"),
        good=Count("pictures", filter=Q(pictures__label="good")),
        judged=Count("pictures", filter=~Q(pictures__review=ReviewState.PENDING)),
    )


def image_set_of(project: Project, pk: int) -> ImageSet:
    """Return one set, with its counts. Raises NotFound when it is not this project's."""
    found = image_sets_of(project).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no image set {pk} in {project.name}")
    return found


def set_picture_of(project: Project, pk: int) -> SetPicture:
    """Return one picture of a set. Raises NotFound when it is not this project's."""
    rows = SetPicture.objects.filter(image_set__project=project, image_set__archived_at=None)
    found = rows.select_related("picture", "mask").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no picture {pk} in {project.name}")
    return found


def annotations_of(project: Project) -> QuerySet[Annotation]:
    """Return the annotations of videos that are not archived, by video."""
    rows = Annotation.objects.filter(
        video__project=project, video__archived_at=None, archived_at=None
    )
    return rows.select_related("video", "original").order_by("video__name", "pk")


def videos_unannotated(project: Project) -> QuerySet[Video]:
    """Return the videos on which nobody has drawn, by name."""
    drawn = annotations_of(project).order_by().values("video")
    return (
        Video.objects.filter(project=project, archived_at=None)
        .exclude(pk__in=drawn)
        .order_by("name", "pk")
    )


def annotation_of(project: Project, pk: int) -> Annotation:
    """Return one annotation. Raises NotFound when it is not this project's."""
    found = annotations_of(project).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no annotation {pk} in {project.name}")
    return found


def class_counts(image_set: ImageSet) -> list[ClassCount]:
    """Return one row per split and class, training first, good before faults."""
    rows: Any = (
        image_set.pictures.order_by()
        .values("split", "label")
        .annotate(
            count=Count("pk"),
            accepted=Count("pk", filter=Q(review=ReviewState.ACCEPTED)),
            rejected=Count("pk", filter=Q(review=ReviewState.REJECTED)),
            masks=Count("mask"),
        )
    )
    found = [ClassCount(**row) for row in rows]
    order = {"train": 0, "validate": 1, "test": 2}
    return sorted(found, key=lambda one: (order.get(one.split, 3), one.label != "good", one.label))


def pictures_of(
    image_set: ImageSet, *, split: str = "", label: str = "", review: str = ""
) -> QuerySet[SetPicture]:
    """Return the pictures of a set, of one split, class or state of review when given."""
    wanted = {"split": split, "label": label, "review": review}
    chosen = {field: value for field, value in wanted.items() if value}
    return image_set.pictures.filter(**chosen).select_related("picture", "mask")


def exports_of(
    *, bundle: Bundle | None = None, image_set: ImageSet | None = None
) -> list[ExportRow]:
    """Return the exports of a bundle or of an image set, newest first. Two queries."""
    rows = LayoutExport.objects.filter(bundle=bundle, image_set=image_set).select_related("archive")
    return _with_jobs(list(rows[:50]))


def library_exports_of(project: Project) -> list[ExportRow]:
    """Return the exports of the project's library, newest first. Two queries."""
    rows = LayoutExport.objects.filter(project=project, bundle=None, image_set=None)
    return _with_jobs(list(rows.select_related("archive")[:50]))


def export_of(project: Project, pk: int) -> ExportRow:
    """Return one export. Raises NotFound when it is not this project's."""
    rows = LayoutExport.objects.filter(project=project, pk=pk)
    found = list(rows.select_related("archive", "bundle", "image_set"))
    if not found:
        raise NotFound(f"there is no export {pk} in {project.name}")
    return _with_jobs(found)[0]


def _with_jobs(found: list[LayoutExport]) -> list[ExportRow]:
    jobs = Job.objects.filter(kind="layout_export", target_id__in=[row.pk for row in found])
    newest = {job.target_id: job for job in jobs.order_by("pk")}
    return [ExportRow(row, newest.get(row.pk)) for row in found]


def cutting_job(image_set: ImageSet) -> Job | None:
    """Return the newest job that cut the pictures of a set."""
    jobs = Job.objects.filter(kind="image_set_cut", target_id=image_set.pk)
    return jobs.order_by("-pk").first()
