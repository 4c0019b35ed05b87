"""The Library: what is there, filtered and counted, and what was archived."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from datasets_app.models import Asset, ImageSet, Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.selectors.assets import assets_of
from datasets_app.selectors.footage import stills_of, videos_of
from matteweb.accounts.models import Project

MISSING = "missing"
TAGS_SHOWN = 24
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
class FacetGroup:
    """One filter: the name of its field in the address, and its lines."""

    field: str
    label: str
    lines: list[Facet]


def library_videos(project: Project, chosen: LibraryFilter) -> QuerySet[Video]:
    """Return the videos that the filter takes, in its order; ready ones unless it names states."""
    videos = videos_of(project).filter(state__in=chosen.states or [IngestState.READY])
    if chosen.text:
        videos = videos.filter(
            Q(name__icontains=chosen.text)
            | Q(tags__icontains=_stored(chosen.text))
            | Q(original__digest__startswith=chosen.text.lower())
        )
    if chosen.licences:
        known = [name for name in chosen.licences if name != MISSING]
        missing = Q(licence="") if MISSING in chosen.licences else Q(pk__in=[])
        videos = videos.filter(Q(licence__in=known) | missing)
    for tag in chosen.tags:
        videos = videos.filter(tags__icontains=f'"{_stored(tag)}"')
    if chosen.masks:
        alive = Mask.objects.filter(archived_at=None)
        none = ~Q(pk__in=alive.values("video")) if "none" in chosen.masks else Q(pk__in=[])
        kinds = Q(pk__in=alive.filter(kind__in=chosen.masks).values("video"))
        videos = videos.filter(kinds | none)
    return videos.order_by(SORTS[chosen.sort])


def _stored(text: str) -> str:
    """Return ``text`` as it stands inside a string of a JSON column, which is stored as ASCII."""
    return json.dumps(text)[1:-1]


def library_facets(project: Project, chosen: LibraryFilter) -> list[FacetGroup]:
    """Count what each filter line would show in the whole project. Four queries."""
    videos = Video.objects.filter(project=project, archived_at=None)
    ready = videos.filter(state=IngestState.READY)
    return [
        _states(videos, chosen),
        _licences(ready, chosen),
        _masks(ready, chosen),
        _tags(ready, chosen),
    ]


def _states(videos: QuerySet[Video], chosen: LibraryFilter) -> FacetGroup:
    counts = dict(videos.values_list("state").annotate(n=Count("pk")))
    shown = chosen.states or (IngestState.READY,)
    lines = [
        Facet(value, label, counts.get(value, 0), value in shown)
        for value, label in (
            (IngestState.READY, "Ready"),
            (IngestState.ARRIVING, "Arriving"),
            (IngestState.NEEDS_DECISION, "Needs a decision"),
            (IngestState.FAILED, "Failed"),
        )
    ]
    return FacetGroup("state", "State", lines)


def _licences(ready: QuerySet[Video], chosen: LibraryFilter) -> FacetGroup:
    rows = ready.values_list("licence").annotate(n=Count("pk")).order_by("licence")
    lines = [
        Facet(name or MISSING, name or "Missing", count, (name or MISSING) in chosen.licences)
        for name, count in rows
    ]
    # What is missing is what somebody has to do something about, so it stands last, not first.
    return FacetGroup("licence", "Licence", sorted(lines, key=lambda one: one.value == MISSING))


def _masks(ready: QuerySet[Video], chosen: LibraryFilter) -> FacetGroup:
    alive = Q(masks__archived_at=None)
    counts: dict[str, Any] = ready.aggregate(
        any=Count("pk", filter=alive & Q(masks__isnull=False), distinct=True),
        all=Count("pk", distinct=True),
        hard=Count("pk", filter=alive & Q(masks__kind="hard"), distinct=True),
        alpha=Count("pk", filter=alive & Q(masks__kind="alpha"), distinct=True),
        index=Count("pk", filter=alive & Q(masks__kind="index"), distinct=True),
    )
    counts["none"] = counts["all"] - counts["any"]
    labels = {"none": "None", "hard": "Hard", "alpha": "Soft alpha", "index": "Multi-object"}
    lines = [
        Facet(value, label, counts[value], value in chosen.masks) for value, label in labels.items()
    ]
    return FacetGroup("mask", "Masks", lines)


def _tags(ready: QuerySet[Video], chosen: LibraryFilter) -> FacetGroup:
    counts = Counter(tag for tags in ready.values_list("tags", flat=True) for tag in tags)
    often = [tag for tag, _ in counts.most_common(TAGS_SHOWN)]
    shown = sorted({*often, *chosen.tags})
    lines = [Facet(tag, tag, counts[tag], tag in chosen.tags) for tag in shown]
    return FacetGroup("tag", "Tags", lines)


def library_totals(project: Project) -> dict[str, int]:
    """Return videos, stills, frames and bytes of the project's ready footage. Two queries."""
    ready = Video.objects.filter(project=project, archived_at=None, state=IngestState.READY)
    totals = ready.aggregate(n=Count("pk"), frames=Sum("frames"), bytes=Sum("original__size"))
    return {
        "videos": totals["n"],
        "frames": totals["frames"] or 0,
        "bytes": totals["bytes"] or 0,
        "stills": stills_of(project).filter(state=IngestState.READY).count(),
        "assets": assets_of(project).count(),
        "archived": sum(len(rows) for rows in library_archived(project).values()),
    }


def library_archived(project: Project) -> dict[str, list[Any]]:
    """Return archived videos, stills, masks of living videos and image sets, the last archived
    first."""
    gone = Q(archived_at__isnull=False)
    return {
        "video": list(Video.objects.filter(gone, project=project).order_by("-archived_at")),
        "asset": list(Asset.objects.filter(gone, project=project).order_by("-archived_at")),
        "mask": list(
            Mask.objects.filter(gone, video__project=project, video__archived_at=None)
            .select_related("video")
            .order_by("-archived_at")
        ),
        "image_set": list(ImageSet.objects.filter(gone, project=project).order_by("-archived_at")),
    }
