"""Fusion networks trained as a job: first the cases that the engine makes, then the network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Mask
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.space import space_require
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import sequence_of
from inference_app.models import FusionTraining
from inference_app.models.fusion_training import FUSION_KIND
from inference_app.services.learning.fusion import (
    fusion_data_make,
    fusion_plan_of,
    fusion_train,
)
from inference_app.services.masks.mask_evaluations import clips_of_source, source_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput
from matteweb.jobs.services import job_create

MOST_PAINTED = 500
_ROOM_BYTES = 512 * 1024**2
EVERY = 20


@transaction.atomic
def fusion_training_create(
    *,
    project: Project,
    name: str,
    values: dict[str, Any],
    init: FusionTraining | None,
    painted: int = 0,
    folder: str = "",
    masks: Sequence[Mask] = (),
    actor: Actor,
) -> FusionTraining:
    """Start a training on ``painted`` clips, a ``folder`` below ``EVALUATION_DIR``, or ``masks`` of
    the project, which are taken for the truth; a folder or masks, not both.

    Raises BadInput for a plan that cannot be, stage 1 without ``init`` or nothing to learn from,
    Conflict for masks that are not ready, NoSpace.
    """
    if not name.strip():
        raise BadInput("a training needs a name")
    if not 0 <= painted <= MOST_PAINTED:
        raise BadInput(f"{painted} painted clips cannot be made", hint=f"0 to {MOST_PAINTED}")
    if not (painted or folder or masks):
        raise BadInput("a training needs something to learn from", hint="choose clips, or paint")
    if init is not None and init.weights_id is None:
        raise BadInput(f"{init} has no weights yet", hint="wait until it has ended")
    known = values | {"init": "" if init is None else init.weights_id}
    plan = fusion_plan_of(known)
    if plan.stage == 1 and init is None:
        raise BadInput("stage 1 begins with the weights of stage 0", hint="choose a training")
    source: dict[str, Any] = {"painted": painted, "every": EVERY}
    if folder or masks:
        source |= source_of(folder, masks)
    space_require(project=project, needed=_ROOM_BYTES, purpose=name)
    row = FusionTraining.objects.create(
        project=project,
        name=name.strip()[:80],
        plan=plan.model_dump(mode="json"),
        source=source,
        init=init,
        created_by=actor.user,
    )
    job_create(
        project=project, kind=FUSION_KIND, title=f"Fusion {row}", target_id=row.pk, actor=actor
    )
    audit(
        actor=actor,
        project=project,
        action="fusion_training.create",
        target_kind="fusion_training",
        target_id=row.pk,
        detail={"plan": row.plan, "source": source},
    )
    return row


def fusion_training_make(
    *,
    training_id: int,
    step: Callable[[str], None],
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    """Make the cases that are missing, train on, store the weights; safe after a kill at any time.

    Raises BadInput for clips that cannot be read, Conflict when a mask has changed, Cancelled.
    """
    row = FusionTraining.objects.select_related("init__weights").get(pk=training_id)
    if row.weights_id is not None:
        return
    state = Path(settings.WORK_DIR) / f"fusion-{row.pk}"
    step("making cases")
    made = fusion_data_make(
        target=state / "cases",
        painted=row.source["painted"],
        stored=_stored(row),
        every=row.source["every"],
        flow_folder=state / "flow",
        progress=progress,
        should_stop=should_stop,
    )
    FusionTraining.objects.filter(pk=row.pk).update(cases=made["cases"])
    step("training")
    with work_folder(f"fusion-{row.pk}-weights") as scratch:
        done = fusion_train(
            values=row.plan,
            data=state / "cases",
            folder=state / "training",
            init=_init_of(row, scratch),
            progress=progress,
            should_stop=should_stop,
            report=lambda entry: _report(row.pk, entry),
        )
        weights = shutil.copyfile(done["weights"], scratch / "fusion.safetensors")
        blob = blob_from_file(weights)
    with transaction.atomic():
        FusionTraining.objects.filter(pk=row.pk).update(weights=blob, plan=done["plan"])
        transaction.on_commit(lambda: shutil.rmtree(state, ignore_errors=True))


def _stored(row: FusionTraining) -> Iterator[Clip]:
    """Yield the clips with true masks, one after the other."""
    if "folder" in row.source or "masks" in row.source:
        yield from chain(sequence_of(clip) for clip in clips_of_source(row.source))


def _init_of(row: FusionTraining, scratch: Path) -> Path | None:
    """Return the weights of the stage before under a name that says what they are."""
    if row.init is None:
        if row.plan["init"]:
            raise BadInput(f"the training that {row} begins with is gone", hint="start it anew")
        return None
    if row.init.weights is None:
        raise BadInput(f"{row.init} has no weights", hint="train it first")
    return Path(shutil.copyfile(blob_path(row.init.weights), scratch / "init.safetensors"))


def _report(pk: int, entry: dict[str, float]) -> None:
    row = FusionTraining.objects.get(pk=pk)
    curve = [one for one in row.curve if one["step"] < entry["step"]] + [entry]
    FusionTraining.objects.filter(pk=pk).update(curve=curve)
