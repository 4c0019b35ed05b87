"""What an import of a tree brought and what it found, for its page and for downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.models import Asset, ImageSet, Mask, Sample, Video
from datasets_app.models.video import IngestState
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, NotFound
from matteweb.jobs.models import Job

KIND = "folder_import"
SHOWN_OF_A_KIND = 12
"""Findings of one kind that the page shows; the downloads hold all."""

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind: how many there are, and the first of them."""

    code: str
    severity: str
    count: int
    shown: tuple[dict[str, Any], ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """One import. ``unready`` are videos, masks and assets that came in and cannot be used."""

    job: Job
    layout: str
    added: dict[str, int]
    there: dict[str, int]
    groups: tuple[FindingGroup, ...]
    severities: dict[str, int]
    image_sets: tuple[ImageSet, ...]
    failed: tuple[Video | Mask | Asset, ...]
    reading: int

    @property
    def through(self) -> bool:
        """Whether there is a report."""
        return bool(self.job.checkpoint.get("report"))

    @property
    def findings(self) -> int:
        """How many things were found."""
        return sum(self.severities.values())


def imports_of(project: Project) -> QuerySet[Job]:
    """Return the imports of a project, newest first."""
    return Job.objects.filter(project=project, kind=KIND).order_by("-pk")


def import_of(project: Project, pk: int) -> Job:
    """Return one import. Raises NotFound when it is not this project's."""
    job = imports_of(project).filter(pk=pk).first()
    if job is None:
        raise NotFound(f"there is no import {pk} in {project.name}")
    return job


def import_findings(job: Job) -> list[dict[str, Any]]:
    """Return every finding of an import, errors first, then in the tree's order."""
    found: list[dict[str, Any]] = job.checkpoint.get("report", {}).get("findings", [])
    return sorted(found, key=lambda one: SEVERITIES.index(one["severity"]))


def import_facts(job: Job) -> ImportFacts:
    """Return what the page of an import shows. At most eight queries."""
    report: dict[str, Any] = job.checkpoint.get("report", {})
    findings = import_findings(job)
    kinds = ("videos", "masks", "samples", "assets", "image_sets")
    sets = ImageSet.objects.filter(pk__in=report.get("image_sets", []))
    return ImportFacts(
        job=job,
        layout=_layout_label(report.get("layout", "")),
        added={kind: count for kind, count in report.get("added", {}).items() if count},
        there={kind: len(report.get(kind, [])) for kind in kinds if report.get(kind)},
        groups=tuple(_groups(findings)),
        severities=dict(Counter(one["severity"] for one in findings)),
        image_sets=tuple(sets.annotate(count=Count("pictures"))),
        failed=tuple(_failed(report)),
        reading=_reading(report),
    )


def import_samples(job: Job) -> QuerySet[Sample]:
    """Return the samples of an import that are still there."""
    ids = job.checkpoint.get("report", {}).get("samples", [])
    return Sample.objects.filter(pk__in=ids, archived_at=None)


def _groups(findings: list[dict[str, Any]]) -> Iterator[FindingGroup]:
    by_kind: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in findings:
        by_kind.setdefault((one["severity"], one["code"]), []).append(one)
    for (severity, code), alike in by_kind.items():
        yield FindingGroup(code, severity, len(alike), tuple(alike[:SHOWN_OF_A_KIND]))


def _failed(report: dict[str, Any]) -> Iterator[Video | Mask | Asset]:
    for model, kind in ((Video, "videos"), (Mask, "masks"), (Asset, "assets")):
        rows = model._default_manager.filter(pk__in=report.get(kind, []))
        waits = Q(state=IngestState.FAILED) | Q(state=IngestState.NEEDS_DECISION)
        yield from rows.filter(waits)[:SHOWN_OF_A_KIND]


def _reading(report: dict[str, Any]) -> int:
    return sum(
        model._default_manager.filter(
            pk__in=report.get(kind, []), state=IngestState.ARRIVING
        ).count()
        for model, kind in ((Video, "videos"), (Mask, "masks"), (Asset, "assets"))
    )


def _layout_label(slug: str) -> str:
    if not slug:
        return ""
    try:
        return LAYOUTS[slug].info.label
    except BadInput:
        # A layout may have gone since.
        return slug
