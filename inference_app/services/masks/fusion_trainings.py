"""Fusion networks trained as a job: first the cases that the engine makes, then the network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Mask
from datasets_app.selectors.run_work import target_job
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.space import space_require, space_require_at
from inference_app.domain.training.fusion_plan import SHAPE, FusionPlan
from inference_app.models import FusionTraining
from inference_app.models.fusion_training import FUSION_KIND
from inference_app.services.learning.fusion import (
    fusion_data_make,
    fusion_train,
)
from inference_app.services.learning.plans import plan_from
from inference_app.services.masks.fusion_room import fusion_room
from inference_app.services.masks.mask_evaluations import clips_of_source, source_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

MOST_PAINTED = 500
_WEIGHTS_BYTES = 64 * 1024**2
"""Room for weights of the largest shape."""

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

    A network has the shape of ``init``. Raises BadInput for a plan that cannot be, another shape or
    nothing to learn from, Conflict for masks that are not ready, NoSpace.
    """
    if not name.strip():
        raise BadInput("a training needs a name")
    if not 0 <= painted <= MOST_PAINTED:
        raise BadInput(f"{painted} painted clips cannot be made", hint=f"0 to {MOST_PAINTED}")
    if not (painted or folder or masks):
        raise BadInput("a training needs something to learn from", hint="choose clips, or paint")
    plan = _plan_after(init, values)
    source: dict[str, Any] = {"painted": painted, "every": EVERY}
    if folder or masks:
        source |= source_of(folder, masks)
    space_require(project=project, needed=_WEIGHTS_BYTES, purpose=name)
    space_require_at(Path(settings.WORK_DIR), fusion_room(source), purpose=name)
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
    _audit(row, actor, "create", {"plan": row.plan, "source": source})
    return row


@transaction.atomic
def fusion_training_delete(*, training: FusionTraining, actor: Actor) -> None:
    """Remove a training that has ended, with its weights and what is left of its cases.

    What began with it stays. Raises Conflict while it is at work.
    """
    job = target_job(FUSION_KIND, training.pk)
    if job is not None and job.state in LIVE:
        raise Conflict(f"{training} is at work", hint="stop it first")
    _audit(training, actor, "delete", {"weights": training.weights_id})
    folder = fusion_folder(training.pk)
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
    training.delete()


def fusion_folder(pk: int) -> Path:
    """Return where cases and state of a training lie; it survives a kill."""
    return Path(settings.WORK_DIR) / f"fusion-{pk}"


def fusion_training_make(
    *,
    training_id: int,
    step: Callable[[str], None],
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    """Make the cases that are missing, train on, store the weights; safe after a kill at any time.

    Raises BadInput for clips that cannot be read, Conflict when a mask has changed, OutOfMemory,
    Cancelled.
    """
    row = FusionTraining.objects.select_related("init__weights").get(pk=training_id)
    if row.weights_id is not None:
        return
    state = fusion_folder(row.pk)
    step("making cases")
    made = fusion_data_make(
        target=state / "cases",
        painted=row.source["painted"],
        stored=clips_of_source(row.source) if row.source.keys() & {"folder", "masks"} else (),
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


def _plan_after(init: FusionTraining | None, values: dict[str, Any]) -> FusionPlan:
    """Return the plan of ``values`` that begins with ``init``, in its shape. Raises BadInput."""
    if init is None:
        return plan_from(FusionPlan, values | {"init": ""})
    if init.weights_id is None:
        raise BadInput(f"{init} has no weights yet", hint="wait until it has ended")
    shape = {name: init.plan[name] for name in SHAPE}
    plan = plan_from(FusionPlan, shape | values | {"init": init.weights_id})
    if shape != {name: getattr(plan, name) for name in SHAPE}:
        said = " ".join(f"{name}={value}" for name, value in shape.items())
        raise BadInput(f"{init} has another shape than the plan", hint=f"set {said}")
    return plan


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


def _audit(row: FusionTraining, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=row.project,
        action=f"fusion_training.{verb}",
        target_kind="fusion_training",
        target_id=row.pk,
        detail=detail,
    )
