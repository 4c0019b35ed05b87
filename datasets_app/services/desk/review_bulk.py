"""One act on many samples, which can be taken back as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets_app.domain.bundles.weights import require_weight
from datasets_app.models import ReviewBatch, ReviewCase, Sample
from datasets_app.models.verdict import Decision
from datasets_app.selectors.samples import samples_of
from datasets_app.services.desk.review import verdict_give, verdict_undo
from datasets_app.services.desk.review_returns import (
    AUTHOR,
    REVIEWER,
    cases_restore,
    sample_assign,
    sample_reroll_asked,
    sample_resubmit,
)
from datasets_app.services.freezing.sample_weights import sample_weigh
from datasets_app.services.keeping import deletion
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project, Role
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict, MatteError

MAX_SAMPLES = 500
VERDICTS = ("accept", "reject")
ASSIGNMENTS = {"assign_author": AUTHOR, "assign_reviewer": REVIEWER}
WEIGH = "weigh"
ACTIONS = (*VERDICTS, *ASSIGNMENTS, "resubmit", "reroll", WEIGH, "archive")
LEAST_ROLE = {
    "resubmit": Role.ANNOTATOR,
    "reroll": Role.ANNOTATOR,
    "assign_author": Role.LEAD,
    "assign_reviewer": Role.LEAD,
    WEIGH: Role.LEAD,
    "archive": Role.LEAD,
}
UNDOABLE = (*VERDICTS, *ASSIGNMENTS, WEIGH, "archive")


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What is to be done: ``reasons`` of a rejection, ``username`` of an assignment, ``weight`` in
    bundles."""

    action: str
    reasons: Sequence[str] = ()
    username: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The batch, and why some samples were left out: (name, reason)."""

    batch: ReviewBatch
    left_out: tuple[tuple[str, str], ...]

    @property
    def done(self) -> int:
        """How many samples were changed."""
        return len(self.batch.detail["samples"])

    @property
    def undoable(self) -> bool:
        """Whether the act can be taken back."""
        return self.batch.action in UNDOABLE


def least_role(action: str) -> Role:
    """Return the role that an act needs; authors with less may mend what is theirs."""
    return LEAST_ROLE.get(action, Role.REVIEWER)


def bulk_do(*, project: Project, ids: Sequence[int], act: BulkAct, actor: Actor) -> BulkResult:
    """Do ``act`` to each sample that permits it; the others are left out with their reason.

    Raises BadInput for an unknown act, a weight that cannot be, no sample, or more than 500.
    """
    if act.action not in ACTIONS:
        raise BadInput(f"there is no action {act.action!r}", hint=", ".join(ACTIONS))
    require_weight(act.weight)
    if not 1 <= len(ids) <= MAX_SAMPLES:
        raise BadInput(f"{len(ids)} samples are chosen", hint=f"choose 1 to {MAX_SAMPLES}")
    if actor.user is None:
        raise BadInput("somebody has to do this")
    samples = samples_of(project).filter(pk__in=ids).select_related("run", "project", "case")
    done: list[int] = []
    before: dict[str, Any] = {}
    left_out: list[tuple[str, str]] = []
    with transaction.atomic():
        batch = ReviewBatch.objects.create(project=project, actor=actor.user, action=act.action)
        for sample in samples.order_by("pk"):
            try:
                with transaction.atomic():
                    before[str(sample.pk)] = _do(sample, act, batch, actor)
                done.append(sample.pk)
            except MatteError as error:
                left_out.append((sample.name, error.message))
        batch.detail = {"samples": done, "before": before, "reasons": list(act.reasons)}
        batch.detail |= {"weight": act.weight} if act.action == WEIGH else {}
        batch.save(update_fields=["detail"])
        _audit(batch, "bulk", actor, {"action": act.action, "samples": done})
    return BulkResult(batch, tuple(left_out))


def bulk_undo(*, batch: ReviewBatch, actor: Actor) -> int:
    """Take back what a batch did; return how many samples are as before.

    What somebody changed since then by themselves stays. Raises Conflict when it was taken back
    already or cannot be, BadInput when it is somebody else's.
    """
    if actor.user is None or batch.actor_id != actor.user.pk:
        raise BadInput("this can be taken back only by whoever did it")
    if batch.action not in UNDOABLE:
        raise Conflict(f"{batch.action} cannot be taken back", hint="reject or archive the result")
    with transaction.atomic():
        undone = ReviewBatch.objects.filter(pk=batch.pk, undone_at=None)
        if undone.update(undone_at=timezone.now()) != 1:
            raise Conflict("this was taken back already")
        count = _undo(batch, actor)
        _audit(batch, "bulk_undo", actor, {"action": batch.action, "samples": count})
    return count


def _do(sample: Sample, act: BulkAct, batch: ReviewBatch, actor: Actor) -> dict[str, int | None]:
    """Do it to one sample; return who was assigned before, or its weight."""
    if act.action in VERDICTS:
        verdict_give(
            sample=sample,
            decision=Decision(act.action),
            reasons=act.reasons if act.action == "reject" else (),
            actor=actor,
            batch=batch,
        )
    elif part := ASSIGNMENTS.get(act.action):
        case = ReviewCase.objects.filter(sample=sample).first()
        sample_assign(sample=sample, part=part, username=act.username, actor=actor)
        return {part: getattr(case, f"{part}_id") if case else None}
    elif act.action == "resubmit":
        sample_resubmit(sample=sample, actor=actor)
    elif act.action == "reroll":
        sample_reroll_asked(sample=sample, actor=actor)
    elif act.action == WEIGH:
        weight = sample.weight
        sample_weigh(sample=sample, weight=act.weight, actor=actor)
        return {"weight": weight}
    else:
        deletion.row_archive(row=sample, actor=actor)
    return {}


def _undo(batch: ReviewBatch, actor: Actor) -> int:
    ids = batch.detail["samples"]
    if batch.action in VERDICTS:
        verdicts = list(batch.verdicts.filter(undone_at=None).select_related("sample__project"))
        for verdict in verdicts:
            verdict_undo(verdict=verdict, actor=actor)
        return len(verdicts)
    samples = Sample.objects.filter(project=batch.project, pk__in=ids).select_related("project")
    if batch.action == "archive":
        archived = samples.exclude(archived_at=None)
        for sample in archived:
            deletion.row_restore(row=sample, actor=actor)
        return len(archived)
    before = batch.detail["before"]
    if batch.action == WEIGH:
        weighed = list(samples.filter(weight=batch.detail["weight"]))
        for sample in weighed:
            sample_weigh(sample=sample, weight=before[str(sample.pk)]["weight"], actor=actor)
        return len(weighed)
    cases_restore(before=[(one, before[str(one.pk)]) for one in samples], actor=actor)
    return len(samples)


def _audit(batch: ReviewBatch, verb: str, actor: Actor, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=batch.project,
        action=f"review.{verb}",
        target_kind="batch",
        target_id=batch.pk,
        detail=detail,
    )
