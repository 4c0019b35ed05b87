"""What has been measured, what is to be, and what a page is shown of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from datasets_app.domain.metrics import METRICS
from datasets_app.domain.metrics.base import Metric
from datasets_app.domain.quality.report import found_words, suite_of
from datasets_app.models import Mask, QualityReport, Sample, Video
from datasets_app.models.sample import SampleState
from datasets_app.models.video import IngestState
from matteweb.accounts.models import Project


class QualityBody(TypedDict):
    """One report as the API and the player get it; ``tracks`` is empty while it is measured."""

    kind: str
    id: int
    name: str
    state: str
    error: str
    score: float
    finding: str
    findings: list[dict[str, Any]]
    crops: list[dict[str, Any]]
    totals: dict[str, float | None]
    versions: dict[str, int]
    inputs: dict[str, str]
    tracks_digest: str


class FindingLine(TypedDict):
    """One finding of one sample, as lists and tables hold it."""

    sample: int
    name: str
    review: str
    metric: str
    title: str
    first: int
    last: int
    layers: list[str]
    box: list[int] | None
    words: str
    advice: str
    text: str
    strength: float


ANY_FINDING = "any"
"""In the place of a metric: whatever was found."""


def measuring_suite() -> str:
    """Return what a report that is up to date has as its suite."""
    return suite_of(METRICS)


def samples_to_measure(project: Project) -> QuerySet[Sample]:
    """Return rendered and imported samples without a report that is up to date; no trials, and no
    known-bad ones, whose findings would tell what was put in."""
    ready = Sample.objects.filter(
        project=project, archived_at=None, state=SampleState.READY, calibration=None
    )
    return ready.exclude(run__trial=True).filter(_stale()).order_by("pk")


def masks_to_measure(project: Project) -> QuerySet[Mask]:
    """Return the ready masks of ready videos without a report that is up to date."""
    ready = Mask.objects.filter(
        video__project=project,
        video__archived_at=None,
        video__state=IngestState.READY,
        archived_at=None,
        state=IngestState.READY,
    )
    return ready.filter(_stale()).order_by("pk")


def worst_first(samples: QuerySet[Sample], *before: str) -> QuerySet[Sample]:
    """Order samples by their worst finding, after the columns ``before``, then the oldest first;
    what is not measured yet counts as if nothing had been found."""
    score = Coalesce(F("quality__score"), 0.0)
    return samples.order_by(*before, score.desc(), "id")


def with_finding(samples: QuerySet[Sample], metric: str) -> QuerySet[Sample]:
    """Return those in which ``metric`` found something; `ANY_FINDING` takes any metric."""
    if metric == ANY_FINDING:
        return samples.exclude(quality__isnull=True).exclude(quality__found="")
    return samples.filter(quality__found__contains=found_words([metric]))


def metrics_that_found(samples: QuerySet[Sample]) -> list[Metric]:
    """Return the metrics that found something in any of the samples, in the order of pages."""
    every = samples.exclude(quality__isnull=True).exclude(quality__found="").order_by()
    found = {
        slug for text in every.values_list("quality__found", flat=True) for slug in text.split()
    }
    return [metric for metric in METRICS if metric.info.slug in found]


def finding_lines(samples: QuerySet[Sample], metric: str = ANY_FINDING) -> Iterator[FindingLine]:
    """Yield what was found in the samples, the sample with the worst first, then the oldest."""
    found = worst_first(with_finding(samples, metric).select_related("quality"))
    for sample in found.iterator(chunk_size=200):
        for one in sample.quality.findings:
            if metric in (ANY_FINDING, one["metric"]):
                # What an earlier release measured says neither layers, place nor advice.
                told: Any = {"layers": [], "box": None, "advice": "", **one}
                told |= {"sample": sample.pk, "name": sample.name, "review": sample.review}
                yield told


def report_shown(sample: Sample) -> QualityReport | None:
    """Return the sample's report, None while it has none.

    A known-bad sample shows that of the one it was made from: neither the fault that was put in
    nor a gap tells it from any other.
    """
    item = getattr(sample, "calibration", None)
    return getattr(sample if item is None else item.origin, "quality", None)


def score_shown(sample: Sample) -> float:
    """Return the score by which "worst first" places a sample: 0 while it is not measured."""
    report = report_shown(sample)
    return report.score if report else 0.0


def quality_of_sample(sample: Sample) -> QualityBody:
    """Return the sample's report, an empty one while it has none."""
    return _body("sample", sample.pk, sample.name, report_shown(sample))


def quality_of_video(video: Video) -> list[QualityBody]:
    """Return a report for each ready mask of a video, in their order. Two queries."""
    masks = Mask.objects.filter(video=video, archived_at=None, state=IngestState.READY)
    return [
        _body("mask", mask.pk, mask.name, getattr(mask, "quality", None))
        for mask in masks.select_related("quality")
    ]


def _stale() -> Q:
    return Q(quality__isnull=True) | ~Q(quality__suite=measuring_suite())


def _body(kind: str, pk: int, name: str, report: QualityReport | None) -> QualityBody:
    state = "measured" if report and not report.error else "failed" if report else "waiting"
    report = report or QualityReport()
    return QualityBody(
        kind=kind,
        id=pk,
        name=name,
        state=state,
        error=report.error,
        score=report.score,
        finding=report.finding,
        findings=report.findings,
        crops=report.crops,
        totals=report.totals,
        versions=report.versions,
        inputs=report.inputs,
        tracks_digest=report.tracks_id or "",
    )
