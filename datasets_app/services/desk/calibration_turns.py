"""When a reviewer gets a known-bad sample between the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from datasets_app.models import ReviewPolicy, Sample, Verdict
from datasets_app.selectors.quality import score_shown
from matteweb.accounts.models import Project, User


def calibration_due(project: Project, reviewer: User, policy: ReviewPolicy) -> bool:
    """Return whether the next sample is to be a known-bad one.

    After as many verdicts as the rules say, give or take half, so that nobody can count along; the
    same reviewer at the same place always gets the same answer, whatever is reloaded.
    """
    every = policy.calibration_every
    if not every:
        return False
    mine = Verdict.objects.filter(
        sample__project=project, reviewer=reviewer, by_command=False, undone_at=None
    )
    last = mine.filter(sample__calibration__isnull=False).order_by("-pk").first()
    seen = mine.filter(sample__calibration__isnull=False).count()
    since = mine.filter(pk__gt=last.pk).count() if last else mine.count()
    return since >= _gap(every, f"{project.pk}/{reviewer.pk}/{seen}")


def in_their_place(
    known_bad: QuerySet[Sample], *, held: Iterable[Sample], following: Sample | None
) -> QuerySet[Sample]:
    """Return those whose turn has come in a queue that gives the worst first.

    Their scores lie between those of what the page holds and of what it gets next: one that stood
    elsewhere would be known by that. What was skipped, and comes last, says nothing of the order.
    """
    scores = [score_shown(sample) for sample in held]
    if scores:
        known_bad = known_bad.filter(Q(score_shown__lte=min(scores)))
    if following is not None and not getattr(following, "skips", 0):
        known_bad = known_bad.filter(Q(score_shown__gte=score_shown(following)))
    return known_bad.order_by(F("score_shown"), "id")


def _gap(every: int, key: str) -> int:
    """Return a number from ``every / 2`` to ``every * 3 / 2``, drawn from ``key``, at least 1."""
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
    return max(1, round(every * (0.5 + drawn)))
