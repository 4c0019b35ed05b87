"""The rules of review of a project, and what a change of them does to samples at once."""

from __future__ import annotations

from django.db import transaction

from datasets_app.models import ReviewPolicy, Sample
from datasets_app.models.review import MAX_VERDICTS_NEEDED, OnReject, SelfReview
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.services.desk.review_settling import sample_settle
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput

LARGEST_GAP = 1000


def policy_set(
    *,
    project: Project,
    verdicts_needed: int,
    self_review: str,
    on_reject: str,
    calibration_every: int,
    actor: Actor,
) -> ReviewPolicy:
    """Set the rules. Samples that are decided stay so; pending ones with verdicts settle anew.

    Raises BadInput for a value that is none.
    """
    if not 1 <= verdicts_needed <= MAX_VERDICTS_NEEDED:
        raise BadInput(f"a sample needs 1 to {MAX_VERDICTS_NEEDED} verdicts, not {verdicts_needed}")
    if self_review not in SelfReview.values:
        raise BadInput(f"no rule {self_review!r}", hint=", ".join(SelfReview.values))
    if on_reject not in OnReject.values:
        raise BadInput(f"no rule {on_reject!r}", hint=", ".join(OnReject.values))
    if not 0 <= calibration_every <= LARGEST_GAP:
        raise BadInput(f"a known-bad sample every 0 (never) to {LARGEST_GAP} samples")
    with transaction.atomic():
        policy, _ = ReviewPolicy.objects.select_for_update().get_or_create(project=project)
        policy.verdicts_needed, policy.self_review = verdicts_needed, self_review
        policy.on_reject, policy.calibration_every = on_reject, calibration_every
        policy.save()
        waiting = Sample.objects.filter(
            project=project,
            state=SampleState.READY,
            review=ReviewState.PENDING,
            verdicts__isnull=False,
        )
        for sample in waiting.select_related("project").distinct().iterator(chunk_size=500):
            sample_settle(sample)
        audit(
            actor=actor,
            project=project,
            action="review.policy",
            target_kind="project",
            target_id=project.slug,
            detail={
                "verdicts_needed": verdicts_needed,
                "self_review": self_review,
                "on_reject": on_reject,
                "calibration_every": calibration_every,
            },
        )
    return policy
