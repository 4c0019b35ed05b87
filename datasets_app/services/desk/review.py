"""Verdicts: given, undone, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from datasets_app.domain.review.consensus import Standing
from datasets_app.models import ReviewBatch, ReviewCase, ReviewLease, Sample, Verdict
from datasets_app.models.review import OnReject, SelfReview
from datasets_app.models.sample import SampleState
from datasets_app.models.verdict import Decision, Reason
from datasets_app.selectors.review_queue import author_of, own_work_allowed, policy_of
from datasets_app.services.desk.comments import check_frames
from datasets_app.services.desk.leases import refuse_if_held
from datasets_app.services.desk.review_settling import sample_settle, votes_of
from datasets_app.services.runs.synthesis import sample_reroll
from matteweb.accounts.access import role_in
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Role, User
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict


def verdict_give(
    *,
    sample: Sample,
    decision: str,
    actor: Actor,
    reasons: Sequence[str] = (),
    comment: str = "",
    frames: tuple[int, int] | None = None,
    seconds: float | None = None,
    batch: ReviewBatch | None = None,
) -> Verdict:
    """Record one reviewer's decision and settle what the sample's verdicts add up to.

    ``frames`` is the inclusive range that the comment speaks of. Raises BadInput for an unknown
    decision or reason, a rejection without a reason, or frames outside the sample; Conflict for a
    sample that is not rendered, that the reviewer made, or that somebody else has on screen.
    """
    reviewer = _reviewer(actor)
    _check_given(sample, decision, reasons)
    check_frames(sample, frames)
    with transaction.atomic():
        Sample.objects.select_for_update().get(pk=sample.pk)  # two verdicts at once settle in turn
        case = ReviewCase.objects.filter(sample=sample).first()
        _refuse(sample, reviewer, actor)
        verdict = Verdict.objects.create(
            sample=sample,
            reviewer=reviewer,
            decision=decision,
            reasons=list(reasons),
            comment=comment.strip(),
            first_frame=frames[0] if frames else None,
            last_frame=frames[1] if frames else None,
            seconds=seconds,
            by_command=actor.by_command,
            ruling=decision != Decision.SKIP and _rules(sample, case, reviewer),
            batch=batch,
        )
        ReviewLease.objects.filter(sample=sample, reviewer=reviewer).delete()
        _follow(sample, sample_settle(sample), verdict, actor)
        audit(
            actor=actor,
            project=sample.project,
            action=f"sample.{decision}",
            target_kind="sample",
            target_id=sample.pk,
            detail={
                "reasons": list(reasons),
                "by_command": actor.by_command,
                "ruling": verdict.ruling,
            },
        )
    return verdict


def verdict_undo(*, verdict: Verdict, actor: Actor) -> Sample:
    """Take a verdict back; what was in force before it is in force again.

    Raises Conflict when it was undone already, BadInput when it is somebody else's.
    """
    if actor.user is None or verdict.reviewer_id != actor.user.pk:
        raise BadInput("a verdict can be undone by its reviewer only")
    with transaction.atomic():
        Sample.objects.select_for_update().get(pk=verdict.sample_id)
        open_verdicts = Verdict.objects.filter(pk=verdict.pk, undone_at=None)
        if open_verdicts.update(undone_at=timezone.now()) != 1:
            raise Conflict("this verdict was undone already")
        sample = verdict.sample
        sample_settle(sample)
        audit(
            actor=actor,
            project=sample.project,
            action="sample.undo",
            target_kind="sample",
            target_id=sample.pk,
            detail={"verdict": verdict.pk},
        )
    return sample


def samples_accept(*, samples: Iterable[Sample], actor: Actor) -> int:
    """Accept each of ``samples``; return how many."""
    count = 0
    for sample in samples:
        verdict_give(sample=sample, decision=Decision.ACCEPT, actor=actor)
        count += 1
    return count


def _reviewer(actor: Actor) -> User:
    if actor.user is None:
        raise BadInput("a verdict needs a reviewer")
    return actor.user


def _check_given(sample: Sample, decision: str, reasons: Sequence[str]) -> None:
    if decision not in Decision.values:
        raise BadInput(f"there is no decision {decision!r}", hint="accept, reject or skip")
    unknown = [reason for reason in reasons if reason not in Reason.values]
    if unknown:
        raise BadInput(f"there is no reason {unknown[0]!r}", hint=", ".join(Reason.values))
    if decision == Decision.REJECT and not reasons:
        raise BadInput(
            f"{sample.name} is rejected without a reason",
            hint=f"press 1 to 9; a program sends reasons: {', '.join(Reason.values)}",
        )
    if sample.state != SampleState.READY:
        raise Conflict(f"{sample.name} is {sample.state}, not ready for review")


def _refuse(sample: Sample, reviewer: User, actor: Actor) -> None:
    """Refuse what the reviewer made, and what somebody else has on screen.

    A command decides without looking and is recorded so: it is held only by the strictest rule.
    """
    policy = policy_of(sample.project)
    strict = policy.self_review == SelfReview.NEVER
    own = author_of(sample) == reviewer
    free = actor.by_command and not strict
    if own and not free and not own_work_allowed(sample.project, reviewer, policy):
        raise Conflict(
            f"{reviewer.username} made {sample.name}, so somebody else judges it",
            hint="a lead can change this rule in the settings of review",
        )
    if not actor.by_command:
        refuse_if_held(sample, reviewer)


def _rules(sample: Sample, case: ReviewCase | None, reviewer: User) -> bool:
    """Whether a verdict ends a disagreement: by somebody who is not part of it, or by a lead."""
    if case is None or not case.disputed:
        return False
    role = role_in(reviewer, sample.project)
    if role is not None and role.rank >= Role.LEAD.rank:
        return True
    return reviewer.pk not in {vote.reviewer for vote in votes_of(sample, case)}


def _follow(sample: Sample, standing: Standing, verdict: Verdict, actor: Actor) -> None:
    """Roll a rejected sample again where the project wants that of every rejection."""
    if standing != Standing.REJECTED or verdict.decision != Decision.REJECT:
        return
    wanted = policy_of(sample.project).on_reject == OnReject.REROLL
    if wanted and sample.run_id is not None and not hasattr(sample, "reroll"):
        sample_reroll(sample=sample, actor=actor)
