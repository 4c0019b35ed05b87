"""How a review goes: per reviewer what they decide, how fast, how far they agree with the others,
and how many known-bad samples they find. Only verdicts given by hand and not taken back count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

from django.db.models import QuerySet

from datasets_app.domain.review.agreement import Agreement, cohen, fleiss
from datasets_app.models import CalibrationItem, Verdict
from datasets_app.models.verdict import Decision
from matteweb.accounts.models import Project, User

MAX_VERDICTS = 50_000
"""Newest verdicts that are looked at, so that the page answers at any size."""


@dataclass(slots=True)
class CalibrationScore:
    """``found`` of ``seen`` were rejected, ``named`` of them with a reason that names the fault."""

    seen: int = 0
    found: int = 0
    named: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def percent(self) -> float | None:
        """Share found, 0..100, None before the first."""
        return 100 * self.found / self.seen if self.seen else None


@dataclass(frozen=True, slots=True)
class ReviewerFigures:
    """One reviewer. ``agreement`` compares them with everybody else on the same samples."""

    user: User
    accepted: int
    rejected: int
    skipped: int
    median_seconds: float | None
    reasons: tuple[tuple[str, int], ...]
    agreement: Agreement
    calibration: CalibrationScore

    @property
    def verdicts(self) -> int:
        """Verdicts of any kind."""
        return self.accepted + self.rejected + self.skipped


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Two reviewers on the samples that both judged."""

    first: User
    second: User
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """The whole project. ``truncated``: there are more verdicts than were looked at."""

    reviewers: tuple[ReviewerFigures, ...]
    pairs: tuple[PairFigures, ...]
    agreement: Agreement
    truncated: bool


def review_figures(project: Project) -> ReviewFigures:
    """Count everything. Three queries; memory: one small row per verdict, at most 50,000."""
    verdicts = list(_verdicts(project)[: MAX_VERDICTS + 1])
    truncated = len(verdicts) > MAX_VERDICTS
    verdicts = verdicts[:MAX_VERDICTS]
    people = {verdict.reviewer_id: verdict.reviewer for verdict in verdicts}
    known_bad = {
        item.sample_id: item for item in CalibrationItem.objects.filter(sample__project=project)
    }
    judged = _judged(verdict for verdict in verdicts if verdict.sample_id not in known_bad)
    of_each = {pk: [one for one in verdicts if one.reviewer_id == pk] for pk in people}
    reviewers = [
        _figures(people[pk], own, judged, known_bad) for pk, own in sorted(of_each.items())
    ]
    reviewers.sort(key=lambda one: (-one.verdicts, one.user.username))
    pairs = [
        PairFigures(people[one], people[other], cohen(one, other, judged))
        for one, other in combinations(sorted(people), 2)
    ]
    return ReviewFigures(
        reviewers=tuple(reviewers),
        pairs=tuple(pair for pair in pairs if pair.agreement.samples),
        agreement=fleiss(judged),
        truncated=truncated,
    )


def calibration_items(project: Project) -> QuerySet[CalibrationItem]:
    """Return the known-bad samples, newest first, with who judged them."""
    found = CalibrationItem.objects.filter(sample__project=project)
    found = found.select_related("sample__project", "origin", "created_by")
    return found.prefetch_related("sample__verdicts__reviewer").order_by("-pk")


def _verdicts(project: Project) -> QuerySet[Verdict]:
    found = Verdict.objects.filter(sample__project=project, undone_at=None, by_command=False)
    return found.select_related("reviewer").defer("comment").order_by("-pk")


def _judged(verdicts: Iterable[Verdict]) -> list[dict[int, bool]]:
    """Return, per sample, each reviewer's newest decision; ``verdicts`` come newest first."""
    judged: dict[int, dict[int, bool]] = defaultdict(dict)
    for verdict in verdicts:
        if verdict.decision != Decision.SKIP and not verdict.ruling:
            accepts = verdict.decision == Decision.ACCEPT
            judged[verdict.sample_id].setdefault(verdict.reviewer_id, accepts)
    return list(judged.values())


def _figures(
    user: User,
    own: list[Verdict],
    judged: list[dict[int, bool]],
    known_bad: dict[int, CalibrationItem],
) -> ReviewerFigures:
    counts = Counter(verdict.decision for verdict in own)
    times = [verdict.seconds for verdict in own if verdict.seconds is not None]
    reasons = Counter(reason for verdict in own for reason in verdict.reasons)
    return ReviewerFigures(
        user=user,
        accepted=counts[Decision.ACCEPT],
        rejected=counts[Decision.REJECT],
        skipped=counts[Decision.SKIP],
        median_seconds=median(times) if times else None,
        reasons=tuple(reasons.most_common(3)),
        agreement=fleiss(_against_others(user.pk, judged)),
        calibration=_calibration(own, known_bad),
    )


def _against_others(pk: int, judged: list[dict[int, bool]]) -> list[dict[int, bool]]:
    """Return one pair per sample and other reviewer, so that pairs of others do not count."""
    pairs: list[dict[int, bool]] = []
    for sample in judged:
        if pk in sample:
            others = ((other, accepts) for other, accepts in sample.items() if other != pk)
            pairs += [{pk: sample[pk], other: accepts} for other, accepts in others]
    return pairs


def _calibration(own: list[Verdict], known_bad: dict[int, CalibrationItem]) -> CalibrationScore:
    """Score the newest decision on each known-bad sample; ``own`` comes newest first."""
    score = CalibrationScore()
    seen: set[int] = set()
    for verdict in own:
        item = known_bad.get(verdict.sample_id)
        if item is None or verdict.decision == Decision.SKIP or verdict.sample_id in seen:
            continue
        seen.add(verdict.sample_id)
        score.seen += 1
        if verdict.decision == Decision.REJECT:
            score.found += 1
            score.named += bool(set(verdict.reasons) & set(item.expected))
        else:
            score.missed[item.fault] += 1
    return score
