"""Verdicts: given, undone, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from datasets_app.models import Sample, Verdict
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.models.verdict import Decision, Reason
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict

_STATE_AFTER = {
    Decision.ACCEPT.value: ReviewState.ACCEPTED,
    Decision.REJECT.value: ReviewState.REJECTED,
}


def verdict_give(
    *,
    sample: Sample,
    decision: str,
    actor: Actor,
    reasons: Sequence[str] = (),
    comment: str = "",
    frames: tuple[int, int] | None = None,
    seconds: float | None = None,
) -> Verdict:
    """Record one reviewer's decision; the newest that is not undone is in force.

    ``frames`` is the inclusive range that the comment speaks of. Raises BadInput for an unknown
    decision or reason, a rejection without a reason, or frames outside the sample; Conflict for a
    sample that is not rendered.
    """
    reviewer = actor.user
    if reviewer is None:
        raise BadInput("a verdict needs a reviewer")
    if decision not in Decision.values:
        raise BadInput(f"there is no decision {decision!r}", hint="accept, reject or skip")
    unknown = [reason for reason in reasons if reason not in Reason.values]
    if unknown:
        raise BadInput(f"there is no reason {unknown[0]!r}", hint=", ".join(Reason.values))
    if decision == Decision.REJECT and not reasons:
        raise BadInput(f"{sample.name} is rejected without a reason", hint="press 1 to 9")
    if sample.state != SampleState.READY:
        raise Conflict(f"{sample.name} is {sample.state}, not ready for review")
    _check_frames(sample, frames)
    with transaction.atomic():
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
        )
        _review_settle(sample)
        audit(
            actor=actor,
            project=sample.project,
            action=f"sample.{decision}",
            target_kind="sample",
            target_id=sample.pk,
            detail={"reasons": list(reasons), "by_command": actor.by_command},
        )
    return verdict


def verdict_undo(*, verdict: Verdict, actor: Actor) -> Sample:
    """Take a verdict back; what was in force before it is in force again.

    Raises Conflict when it was undone already, BadInput when it is somebody else's.
    """
    if actor.user is None or verdict.reviewer_id != actor.user.pk:
        raise BadInput("a verdict can be undone by its reviewer only")
    with transaction.atomic():
        open_verdicts = Verdict.objects.filter(pk=verdict.pk, undone_at=None)
        if open_verdicts.update(undone_at=timezone.now()) != 1:
            raise Conflict("this verdict was undone already")
        sample = verdict.sample
        _review_settle(sample)
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


def _check_frames(sample: Sample, frames: tuple[int, int] | None) -> None:
    if frames is None:
        return
    first, last = frames
    if not 0 <= first <= last < (sample.frames or 0):
        raise BadInput(
            f"frames {first} to {last} are not in {sample.name}",
            hint=f"it has frames 0 to {(sample.frames or 0) - 1}",
        )


def _review_settle(sample: Sample) -> None:
    """Derive the review state from the newest verdict that decides and was not undone."""
    newest = (
        Verdict.objects.filter(sample=sample, undone_at=None)
        .exclude(decision=Decision.SKIP)
        .order_by("-id")
        .first()
    )
    sample.review = _STATE_AFTER[newest.decision] if newest else ReviewState.PENDING
    sample.save(update_fields=["review"])
