"""From verdicts to the state of a sample: the one place that writes it."""

from __future__ import annotations

from django.utils import timezone

from datasets_app.domain.review.consensus import Standing, Vote, standing_of
from datasets_app.models import CalibrationItem, ReviewCase, Sample, Verdict
from datasets_app.models.sample import ReviewState
from datasets_app.models.verdict import Decision
from datasets_app.selectors.review_queue import policy_of

_STATE_OF = {
    Standing.PENDING: ReviewState.PENDING,
    Standing.DISPUTED: ReviewState.PENDING,
    Standing.ACCEPTED: ReviewState.ACCEPTED,
    Standing.REJECTED: ReviewState.REJECTED,
}


def sample_settle(sample: Sample) -> Standing:
    """Derive the review state from the verdicts in force and store it; inside a transaction.

    A known-bad sample stays pending for ever: it measures reviewers and decides nothing.
    """
    if is_calibration(sample):
        return Standing.PENDING
    needed = policy_of(sample.project).verdicts_needed
    case = ReviewCase.objects.filter(sample=sample).first()
    found = standing_of(votes_of(sample, case), needed=needed)
    sample.review = _STATE_OF[found]
    sample.save(update_fields=["review"])
    _case_follow(sample, case, found)
    return found


def votes_of(sample: Sample, case: ReviewCase | None) -> list[Vote]:
    """Return the verdicts of the present round that decide, oldest first."""
    since = case.counts_from if case else 0
    verdicts = Verdict.objects.filter(sample=sample, undone_at=None, pk__gt=since)
    return [
        Vote(verdict.reviewer_id, verdict.decision == Decision.ACCEPT, verdict.ruling)
        for verdict in verdicts.exclude(decision=Decision.SKIP).order_by("pk")
    ]


def is_calibration(sample: Sample) -> bool:
    """Return whether the sample is one of the known-bad ones."""
    return CalibrationItem.objects.filter(sample=sample).exists()


def _case_follow(sample: Sample, case: ReviewCase | None, found: Standing) -> None:
    """Keep what is told of the sample beside its state: disputed, and sent back since when."""
    rejected = found == Standing.REJECTED
    disputed = found == Standing.DISPUTED
    if case is None:
        if not rejected and not disputed:
            return
        case = ReviewCase(sample=sample)
    if rejected != (case.returned_at is not None):
        case.returned_at = timezone.now() if rejected else None
    case.disputed = disputed
    case.save()
