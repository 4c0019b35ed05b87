"""What the review page knows of a sample."""

from __future__ import annotations

from typing import TypedDict

from django.db.models import Count, QuerySet
from django.urls import reverse

from datasets_app.models import Comment, Layer, QualityReport, Sample, Verdict
from datasets_app.models.sample import ReviewState
from datasets_app.models.verdict import Decision
from datasets_app.selectors.player import file_url
from datasets_app.selectors.quality import report_shown
from datasets_app.selectors.review_queue import policy_of
from matteweb.accounts.models import User


class ReviewItem(TypedDict):
    """One row of the queue; the addresses are relative to the site. ``score``: the worst finding of
    the checks, 0 to 1, None while nothing was measured."""

    id: int
    name: str
    frames: int
    review: str
    disputed: bool
    poster: str
    player: str
    side: str
    verdicts: str
    comments: str
    lease: str
    quality: str
    score: float | None
    finding: str


def review_items(samples: list[Sample], project: str) -> list[ReviewItem]:
    """Return the rows of some samples. One query."""
    pictures = Layer.objects.filter(sample__in=samples).exclude(poster=None).order_by("-name")
    posters = {layer.sample_id: layer for layer in pictures}
    for layer in pictures:
        if layer.name == "rgb_full":
            posters[layer.sample_id] = layer
    return [_item(sample, posters.get(sample.pk), project) for sample in samples]


def verdicts_shown(sample: Sample, reader: User, verdicts: QuerySet[Verdict]) -> list[Verdict]:
    """Return the verdicts that ``reader`` may see while reviewing, newest first.

    Where several independent ones are needed, those of others stay hidden until the reader has
    given theirs or the sample is decided.
    """
    shown = list(verdicts)
    if policy_of(sample.project).verdicts_needed == 1 or sample.review != ReviewState.PENDING:
        return shown
    case = getattr(sample, "case", None)
    if case is not None and case.disputed:
        return shown
    mine = any(
        one.reviewer_id == reader.pk and one.undone_at is None and one.decision != Decision.SKIP
        for one in shown
    )
    return shown if mine else [one for one in shown if one.reviewer_id == reader.pk]


def open_comment_counts(samples: list[Sample]) -> dict[int, int]:
    """Return how many comments nobody has resolved, for the samples that have some. One query."""
    found = Comment.objects.filter(sample__in=samples, resolved_at=None).order_by()
    return dict(found.values_list("sample").annotate(Count("pk")))


def _found(report: QualityReport) -> str:
    """Return the titles of what was found, the worst first: a row has no room for frames."""
    titles = dict.fromkeys(str(one["title"]) for one in report.findings)
    return ", ".join(titles) or report.finding


def _item(sample: Sample, shown: Layer | None, slug: str) -> ReviewItem:
    address = {"project": slug, "pk": sample.pk}
    case = getattr(sample, "case", None)
    report = report_shown(sample)
    return ReviewItem(
        id=sample.pk,
        name=sample.name,
        frames=sample.frames or 0,
        review=sample.review,
        disputed=bool(case and case.disputed),
        poster=file_url("layer", slug, shown.pk, "poster", shown.poster_id) if shown else "",
        player=reverse("sample-player", kwargs=address),
        side=reverse("sample-side", kwargs=address),
        verdicts=reverse("api-verdicts", kwargs=address),
        comments=reverse("api-comments", kwargs=address),
        lease=reverse("api-lease", kwargs=address),
        quality=reverse("api-sample-quality", kwargs=address),
        score=report.score if report else None,
        finding=_found(report) if report else "",
    )
