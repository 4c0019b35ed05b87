"""Trainings of a project: started, trained by a job, stopped, resumed, taken away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Bundle
from datasets_app.services.blobs import blob_from_file
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import state_move
from inference_app.domain.training.batches import ClipSource
from inference_app.domain.training.held_out import VALIDATION
from inference_app.domain.training.memory import stepped_down
from inference_app.domain.training.plan import TrainingPlan
from inference_app.domain.training.presets import preset_values
from inference_app.models import RunState, Training
from inference_app.models.training import TRAINING_KIND
from inference_app.services.learning.training_folders import plan_of, training_run, weights_ship
from inference_app.services.learning.training_sources import (
    clips_of_bundle,
    learned_from,
    licence_of,
    licences_of,
    require_shares,
    source_of,
    sources_digest,
)
from inference_app.services.runs.model_runs import RUN
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict, MatteError, OutOfMemory
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_create, job_retry
from matteweb.jobs.states import LIVE

_STATE_BYTES = 64 * 1024**2
"""Room for state and weights of the largest shape."""

SHEET = "validation.png"

VALIDATED_ON = VALIDATION
"""The set that chooses the best weights, the same for every training."""


@transaction.atomic
def training_create(
    *,
    project: Project,
    name: str,
    preset: str,
    values: dict[str, Any],
    painted: float,
    bundles: Sequence[tuple[Bundle, float]],
    actor: Actor,
) -> Training:
    """Start a training; ``painted`` and the numbers beside bundles are weights of the sources.

    Raises BadInput for a plan that cannot be or sources that hold no alpha, Conflict for a bundle
    that is not frozen, NoSpace.
    """
    if not name.strip():
        raise BadInput("a training needs a name")
    require_shares(painted, [weight for _, weight in bundles])
    sources = [_bundle_row(bundle, weight) for bundle, weight in bundles]
    if painted > 0:
        sources.insert(0, {"kind": "painted", "name": "painted clips", "weight": painted})
    if not sources:
        raise BadInput("a training needs something to learn from", hint="choose a source")
    digest = sources_digest(sources) if bundles else ""
    plan = plan_of(preset_values(preset) | values | {"data": digest})
    space_require(project=project, needed=_STATE_BYTES, purpose=name)
    row = Training.objects.create(
        project=project,
        name=name.strip()[:80],
        plan=plan.model_dump(mode="json"),
        sources=sources,
        created_by=actor.user,
    )
    job_create(
        project=project, kind=TRAINING_KIND, title=f"Training {row}", target_id=row.pk, actor=actor
    )
    _audit(row, actor, "create", {"plan": plan.digest(), "sources": sources})
    return row


def training_make(
    *, training_id: int, progress: Progress, should_stop: ShouldStop, log: Callable[[str], None]
) -> None:
    """Train on from where it stands, then store the best weights with their card.

    Safe after a kill at any moment. What cannot be leaves the row ``failed`` with the cause.
    """
    row = Training.objects.select_related("project").get(pk=training_id)
    if row.state != RunState.RUNNING:
        return
    try:
        done = _trained(row, progress, should_stop, log)
        _store(row, plan_of(row.plan), done)
    except Cancelled:
        raise  # its job can be resumed
    except MatteError as error:
        state_move(row, RunState.FAILED, RUN, error=error.message, hint=error.hint)
        raise


def _trained(
    row: Training, progress: Progress, should_stop: ShouldStop, log: Callable[[str], None]
) -> dict[str, Any]:
    """Train with the row's plan, and with smaller sizes where memory is short.

    Raises OutOfMemory when it does not fit at the smallest either.
    """
    folder = training_folder(row.pk)
    while True:
        plan = plan_of(row.plan)
        try:
            return training_run(
                plan=plan,
                folder=folder,
                device="auto",
                threads=1,
                processes=0,
                progress=progress,
                should_stop=should_stop,
                report=lambda entry: _report(row.pk, folder, entry, log),
                source=source_of(row.sources, plan, partial(_stored, row)),
                held=VALIDATED_ON,
                lowered=bool(row.notes),
            )
        except OutOfMemory as error:
            less = stepped_down(plan)
            if less is None:
                raise
            smaller, words = less
            row.plan = smaller.model_dump(mode="json")
            row.notes = [*row.notes, f"{error.message}: {words}"]
            Training.objects.filter(pk=row.pk).update(plan=row.plan, notes=row.notes)
            log(row.notes[-1])


def training_stop(*, training: Training, actor: Actor) -> None:
    """Stop it where it stands. Raises Conflict when it has ended."""
    job_cancel(job=training_job(training), actor=actor)


@transaction.atomic
def training_resume(*, training: Training, actor: Actor) -> None:
    """Go on exactly where it stopped or failed."""
    job_retry(job=training_job(training), actor=actor)
    if training.state == RunState.FAILED:
        state_move(training, RunState.RUNNING, RUN, error="", hint="")


@transaction.atomic
def training_delete(*, training: Training, actor: Actor) -> None:
    """Remove a training that has ended, with its weights. Raises Conflict while it is at work."""
    if training_job(training).state in LIVE:
        raise Conflict(f"{training} is at work", hint="stop it first")
    _audit(training, actor, "delete", {"weights": training.weights_id})
    folder = training_folder(training.pk)
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
    training.delete()


def training_job(training: Training) -> Job:
    """Return the job of a training."""
    return Job.objects.filter(kind=TRAINING_KIND, target_id=training.pk).latest("pk")


def training_folder(pk: int) -> Path:
    """Return where the state of a training lies; it survives a kill."""
    return Path(settings.WORK_DIR) / f"training-{pk}"


def _bundle_row(bundle: Bundle, weight: float) -> dict[str, Any]:
    clips = clips_of_bundle(bundle)
    return {
        "kind": "bundle",
        "name": bundle.name,
        "id": bundle.pk,
        "manifest": bundle.manifest_id,
        "weight": weight,
        "clips": len(clips),
        "licences": licences_of(bundle),
    }


def _stored(row: Training, source: dict[str, Any]) -> ClipSource:
    bundle = Bundle.objects.filter(pk=source["id"], manifest_id=source["manifest"]).first()
    if bundle is None:
        raise BadInput(
            f"bundle {source['name']} is gone, so {row} cannot go on",
            hint="restore the bundle, or start a new training",
        )
    return clips_of_bundle(bundle)


def _report(pk: int, folder: Path, entry: dict[str, float], log: Callable[[str], None]) -> None:
    """Put what was measured on the row, where the page finds it."""
    row = Training.objects.get(pk=pk)
    measured = {name: value for name, value in entry.items() if name != "seconds_per_step"}
    curve = [one for one in row.curve if one["step"] < entry["step"]] + [measured]
    best = min(curve, key=lambda one: one["band"])
    sheet = blob_from_file(_copy_of(folder / SHEET))
    Training.objects.filter(pk=pk).update(
        curve=curve,
        step=int(entry["step"]),
        best=best["band"],
        best_step=int(best["step"]),
        sheet=sheet,
    )
    log(f"step {entry['step']:.0f}: loss {entry['loss']:.3f}, band {entry['band']:.1f}")


def _copy_of(path: Path) -> Path:
    """Return a copy of a file that the store may move away."""
    copy = path.with_suffix(".copy.png")
    shutil.copyfile(path, copy)
    return copy


def _store(row: Training, plan: TrainingPlan, done: dict[str, Any]) -> None:
    row.refresh_from_db()
    figures: dict[str, Any] = {
        "set": "validation",
        "best": next((one for one in row.curve if one["step"] == done["best_step"]), {}),
    }
    with work_folder(f"training-end-{row.pk}") as folder:
        target = folder / "weights.safetensors"
        card = weights_ship(
            trained=Path(done["weights"]),
            target=target,
            plan=plan,
            figures=figures,
            learned_from=learned_from(row.sources),
            licence=licence_of(row.sources),
        )
        written = json.loads(card.read_text()) | {"sources": row.sources}
        blob = blob_from_file(target)
    folder_of_state = training_folder(row.pk)
    with transaction.atomic():
        state_move(
            row, RunState.READY, RUN, weights=blob, card=written, step=done["steps"],
            best=done["best_band_mad"], best_step=done["best_step"],
        )  # fmt: skip
        transaction.on_commit(lambda: shutil.rmtree(folder_of_state, ignore_errors=True))


def _audit(row: Training, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=row.project,
        action=f"training.{verb}",
        target_kind="training",
        target_id=row.pk,
        detail=detail,
    )
