"""The Library: what is there, filtered, counted, and what is still on its way in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from datasets_app.models import Asset, Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import stills_of, videos_of
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job

MISSING = "missing"
SORTS = {"new": "-id", "old": "id", "name": "name", "long": "-frames"}


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """What a person asked to see; empty fields take everything."""

    text: str = ""
    states: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sort: str = "new"

    @classmethod
    def from_query(cls, query: QueryDict) -> LibraryFilter:
        """Read the filter from an address."""
        sort = query.get("sort", "new")
        return cls(
            text=query.get("q", "").strip(),
            states=tuple(query.getlist("state")),
            licences=tuple(query.getlist("licence")),
            masks=tuple(query.getlist("mask")),
            tags=tuple(query.getlist("tag")),
            sort=sort if sort in SORTS else "new",
        )

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.states or self.licences or self.masks or self.tags)


@dataclass(frozen=True, slots=True)
class Facet:
    """One line of the filter rail."""

    value: str
    label: str
    count: int
    on: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """The filter rail, counted over the whole project."""

    states: list[Facet] = field(default_factory=list)
    licences: list[Facet] = field(default_factory=list)
    masks: list[Facet] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is on its way in or waits for a person; ``jobs`` maps a row's key to its job."""

    uploads: list[Upload]
    footage: list[tuple[Video | Asset, Job | None]]

    @property
    def moving(self) -> bool:
        """Whether something changes by itself."""
        busy = any(row.state == IngestState.ARRIVING for row, _ in self.footage)
        return busy or any(one.state == UploadState.RECEIVED for one in self.uploads)


def library_videos(project: Project, chosen: LibraryFilter) -> QuerySet[Video]:
    """Return the ready videos that the filter takes, in its order."""
    videos = videos_of(project).filter(state=IngestState.READY)
    if chosen.text:
        videos = videos.filter(
            Q(name__icontains=chosen.text)
            | Q(tags__icontains=chosen.text)
            | Q(original_id__startswith=chosen.text.lower())
        )
    if chosen.licences:
        known = [name for name in chosen.licences if name != MISSING]
        missing = Q(licence="") if MISSING in chosen.licences else Q(pk__in=[])
        videos = videos.filter(Q(licence__in=known) | missing)
    for tag in chosen.tags:
        videos = videos.filter(tags__icontains=f'"{tag}"')
    if chosen.masks:
        none = Q(masks=None) if "none" in chosen.masks else Q(pk__in=[])
        kinds = Q(masks__kind__in=chosen.masks, masks__archived_at=None)
        videos = videos.filter(kinds | none).distinct()
    return videos.order_by(SORTS[chosen.sort])


def library_facets(project: Project, chosen: LibraryFilter) -> Facets:
    """Count what each filter line would show. Two queries."""
    ready = Video.objects.filter(project=project, archived_at=None, state=IngestState.READY)
    licences = ready.values("licence").annotate(n=Count("pk")).order_by("licence")
    alive = Q(masks__archived_at=None)
    masks: dict[str, Any] = ready.aggregate(
        none=Count("pk", filter=Q(masks=None), distinct=True),
        hard=Count("pk", filter=alive & Q(masks__kind="hard"), distinct=True),
        alpha=Count("pk", filter=alive & Q(masks__kind="alpha"), distinct=True),
        index=Count("pk", filter=alive & Q(masks__kind="index"), distinct=True),
    )
    labels = {"none": "None", "hard": "Hard", "alpha": "Soft alpha", "index": "Multi-object"}
    return Facets(
        licences=[
            Facet(
                row["licence"] or MISSING,
                row["licence"] or "Missing",
                row["n"],
                (row["licence"] or MISSING) in chosen.licences,
            )
            for row in licences
        ],
        masks=[
            Facet(value, labels[value], count, value in chosen.masks)
            for value, count in masks.items()
        ],
    )


def library_totals(project: Project) -> dict[str, int]:
    """Return videos, stills, frames and bytes of the project's ready footage. Two queries."""
    ready = Video.objects.filter(project=project, archived_at=None, state=IngestState.READY)
    totals = ready.aggregate(n=Count("pk"), frames=Sum("frames"), bytes=Sum("original__size"))
    return {
        "videos": totals["n"],
        "frames": totals["frames"] or 0,
        "bytes": totals["bytes"] or 0,
        "stills": stills_of(project).count(),
    }


def incoming(project: Project) -> Incoming:
    """Return what arrives, asks, or failed; newest first, 50 of each kind at most."""
    waiting = [IngestState.ARRIVING, IngestState.NEEDS_DECISION, IngestState.FAILED]
    videos = Video.objects.filter(project=project, archived_at=None, state__in=waiting)
    stills = Asset.objects.filter(project=project, archived_at=None, state__in=waiting)
    rows: list[Video | Asset] = [*videos.select_related("original")[:50], *stills[:50]]
    jobs = Job.objects.filter(
        kind="ingest_footage", project=project, target_id__in=[row.pk for row in rows]
    ).order_by("pk")
    by_row = {(job.params.get("kind") == "still", job.target_id): job for job in jobs}
    uploads = Upload.objects.filter(
        project=project, state__in=[UploadState.RECEIVED, UploadState.FAILED]
    )
    return Incoming(
        uploads=list(uploads[:50]),
        footage=[(row, by_row.get((isinstance(row, Asset), row.pk))) for row in rows],
    )
