"""How far a review is, and what was said of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.db.models import QuerySet

from datasets_app.models import Sample, Verdict
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.selectors.samples import samples_of
from matteweb.accounts.models import Project, User

MEDIAN_OVER = 200


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Decided of all rendered samples, and the reviewer's own median over the last 200 verdicts
    given by hand (None before the first)."""

    decided: int
    total: int
    median_seconds: float | None


def review_progress(project: Project, user: User, *, run_id: int | None) -> ReviewProgress:
    """Count for the project, or for one run. Three queries."""
    samples = samples_of(project).filter(state=SampleState.READY)
    if run_id is not None:
        samples = samples.filter(run_id=run_id)
    mine = Verdict.objects.filter(
        sample__project=project, reviewer=user, by_command=False, seconds__isnull=False
    )
    newest = mine.order_by("-id").values_list("seconds", flat=True)[:MEDIAN_OVER]
    times = [seconds for seconds in newest if seconds is not None]
    return ReviewProgress(
        decided=samples.exclude(review=ReviewState.PENDING).count(),
        total=samples.count(),
        median_seconds=median(times) if times else None,
    )


def sample_history(sample: Sample) -> QuerySet[Verdict]:
    """Return every verdict on the sample, undone ones included, newest first."""
    return Verdict.objects.filter(sample=sample).select_related("reviewer").order_by("-id")
