"""The weight of a sample: how often every bundle that is frozen from now on counts it."""

from __future__ import annotations

from django.db import transaction

from datasets_app.domain.bundles.weights import require_weight
from datasets_app.models import Sample
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit


@transaction.atomic
def sample_weigh(*, sample: Sample, weight: int, actor: Actor) -> None:
    """Give a sample its weight; frozen bundles stay as they are. Raises BadInput."""
    require_weight(weight)
    before, sample.weight = sample.weight, weight
    sample.save(update_fields=["weight"])
    audit(
        actor=actor,
        project=sample.project,
        action="sample.weigh",
        target_kind="sample",
        target_id=sample.pk,
        detail={"from": before, "to": weight},
    )
