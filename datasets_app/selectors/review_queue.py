"""Who is offered which sample, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from datasets_app.models import (
    CalibrationItem,
    Layer,
    ReviewBatch,
    ReviewLease,
    ReviewPolicy,
    Sample,
    Verdict,
)
from datasets_app.models.review import SelfReview
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.models.verdict import Decision
from datasets_app.selectors.quality import with_finding, worst_first
from datasets_app.selectors.samples import samples_of
from matteweb.accounts.models import Membership, Project, Role, User
from matteweb.accounts.services import LOCAL_USERNAME
from matteweb.errors import NotFound

BESIDE = ("case", "lease", "quality", "calibration__origin__quality")
"""What the rows of a queue are read with."""


class QueueName(StrEnum):
    """What a reviewer may be offered."""

    WAITING = "waiting"
    MINE = "mine"
    DISPUTED = "disputed"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    ALL = "all"


class QueueOrder(StrEnum):
    """What comes first."""

    WORST = "worst"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """One way to look at what is to be reviewed; empty fields take all. ``finding``: a metric that
    found something."""

    queue: str = QueueName.WAITING
    order: str = QueueOrder.WORST
    run_id: int | None = None
    category: str = ""
    finding: str = ""


def policy_of(project: Project) -> ReviewPolicy:
    """Return the project's rules of review, the defaults where it has said nothing."""
    return ReviewPolicy.objects.filter(project=project).first() or ReviewPolicy(project=project)


def desk_queue(
    project: Project, reviewer: User, chosen: QueueChoice, *, policy: ReviewPolicy
) -> QuerySet[Sample]:
    """Return what ``reviewer`` may judge of the chosen queue, leases not considered.

    What they made is left out where the rules say so, and so is what is assigned to somebody else
    or what they have judged already where several verdicts are needed. What they skipped is last.
    """
    queue = _named(samples_of(project).filter(state=SampleState.READY), reviewer, chosen.queue)
    if chosen.run_id is not None:
        queue = queue.filter(run_id=chosen.run_id)
    if chosen.category:
        queue = queue.filter(category=chosen.category)
    if chosen.finding:
        queue = with_finding(queue, chosen.finding)
    if chosen.queue in _JUDGED_ONCE:
        queue = queue.exclude(_judged_by(reviewer))
        queue = queue.filter(Q(case__reviewer=None) | Q(case__reviewer=reviewer))
    if chosen.queue != QueueName.RETURNED and not own_work_allowed(project, reviewer, policy):
        queue = queue.exclude(made_by(reviewer))
    return _ordered(queue.select_related(*BESIDE), reviewer, chosen.order)


def unleased(queue: QuerySet[Sample], session: str) -> QuerySet[Sample]:
    """Return what no other page holds right now."""
    live = ReviewLease.objects.filter(sample=OuterRef("pk"), expires_at__gt=timezone.now())
    return queue.exclude(Exists(live.exclude(session=session)))


def made_by(user: User) -> Q:
    """Match what ``user`` is the author of: by assignment, else by having launched the run."""
    return Q(case__author=user) | Q(case__author=None, run__created_by=user)


def author_of(sample: Sample) -> User | None:
    """Return who mends the sample: who it was assigned to, else who launched its run."""
    case = getattr(sample, "case", None)
    if case is not None and case.author_id is not None:
        return case.author  # type: ignore[no-any-return]
    return sample.run.created_by if sample.run else None


def own_work_allowed(project: Project, reviewer: User, policy: ReviewPolicy) -> bool:
    """Return whether ``reviewer`` may judge what they made, by the rules of the project."""
    if policy.self_review != SelfReview.ALONE:
        return policy.self_review == SelfReview.ALWAYS
    return not reviewers_of(project).exclude(user=reviewer).exists()


def reviewers_of(project: Project) -> QuerySet[Membership]:
    """Return the members who may give verdicts and can log in."""
    enough = [role for role in Role if role.rank >= Role.REVIEWER.rank]
    return project.memberships.filter(role__in=enough, user__is_active=True).exclude(
        user__username=LOCAL_USERNAME
    )


def calibration_queue(
    project: Project, reviewer: User, session: str, finding: str = ""
) -> QuerySet[Sample]:
    """Return the known-bad samples that ``reviewer`` has not judged and nobody has on screen.

    They show what was found in the samples that they were made from: ``score_shown`` is the score,
    and ``finding``, a metric, leaves those in which it found something.
    """
    layers = Layer.objects.select_related("poster", "filmstrip", "delivery", "frame_index")
    found = Sample.objects.filter(
        project=project,
        state=SampleState.READY,
        archived_at=None,
        calibration__retired_at=None,
        calibration__isnull=False,
    )
    judged = Verdict.objects.filter(sample=OuterRef("pk"), reviewer=reviewer, undone_at=None)
    found = found.exclude(Exists(judged)).exclude(calibration__created_by=reviewer)
    found = found.prefetch_related(Prefetch("layers", queryset=layers))
    if finding:
        origins = with_finding(Sample.objects.filter(project=project), finding)
        found = found.filter(calibration__origin__in=origins)
    found = found.annotate(score_shown=Coalesce(F("calibration__origin__quality__score"), 0.0))
    return unleased(found.select_related("run", *BESIDE).order_by("id"), session)


def calibration_item_of(project: Project, item_id: int) -> CalibrationItem:
    """Return one known-bad sample. Raises NotFound when it is not this project's."""
    found = CalibrationItem.objects.filter(pk=item_id, sample__project=project)
    item = found.select_related("sample__project").first()
    if item is None:
        raise NotFound(f"there is no known-bad sample {item_id} in {project.name}")
    return item


def batch_of(project: Project, batch_id: int) -> ReviewBatch:
    """Return one act on many samples. Raises NotFound when it is not this project's."""
    found = ReviewBatch.objects.filter(pk=batch_id, project=project).select_related("project")
    batch = found.first()
    if batch is None:
        raise NotFound(f"there is no act {batch_id} in {project.name}")
    return batch


def calibration_count(project: Project) -> int:
    """Count the known-bad samples that are in use."""
    return CalibrationItem.objects.filter(sample__project=project, retired_at=None).count()


_JUDGED_ONCE = (QueueName.WAITING, QueueName.MINE)
_DECIDED = {
    QueueName.REJECTED: ReviewState.REJECTED,
    QueueName.ACCEPTED: ReviewState.ACCEPTED,
}


def _named(samples: QuerySet[Sample], reviewer: User, queue: str) -> QuerySet[Sample]:
    if queue == QueueName.DISPUTED:
        return samples.filter(case__disputed=True)
    if queue == QueueName.RETURNED:
        returned = samples.filter(review=ReviewState.REJECTED, case__returned_at__isnull=False)
        return returned.filter(made_by(reviewer))
    if queue in _DECIDED:
        return samples.filter(review=_DECIDED[QueueName(queue)])
    if queue == QueueName.ALL:
        return samples
    waiting = samples.filter(review=ReviewState.PENDING).exclude(case__disputed=True)
    return waiting.filter(case__reviewer=reviewer) if queue == QueueName.MINE else waiting


def _judged_by(reviewer: User) -> Exists:
    """Whether ``reviewer`` has a verdict in force in the present round."""
    mine = Verdict.objects.filter(
        sample=OuterRef("pk"),
        reviewer=reviewer,
        undone_at=None,
        id__gt=Coalesce(OuterRef("case__counts_from"), 0),
    )
    return Exists(mine.exclude(decision=Decision.SKIP))


def _ordered(queue: QuerySet[Sample], reviewer: User, order: str) -> QuerySet[Sample]:
    skipped = Q(
        verdicts__reviewer=reviewer,
        verdicts__decision=Decision.SKIP,
        verdicts__undone_at=None,
    )
    queue = queue.annotate(skips=Count("verdicts", filter=skipped))
    if order == QueueOrder.WORST:
        return worst_first(queue.select_related("quality"), "skips")
    return queue.order_by("skips", "id")
