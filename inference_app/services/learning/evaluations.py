"""Evaluations of a project: models measured on sets whose alpha is known, as a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Bundle
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.state_moves import state_move
from inference_app.domain.device import device_named
from inference_app.domain.evaluation.findings import FrameFindings
from inference_app.domain.evaluation.matting import (
    Method,
    every_mask,
    mask_itself,
    measure_methods,
    predictor_method,
)
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import find_weights, why_not
from inference_app.domain.training.painted import MattingClip, held_out_clip
from inference_app.models import EvaluatedSet, Evaluation, RunState, Training
from inference_app.models.evaluation import EVALUATION_KIND
from inference_app.services.learning.held_out_evaluation import FRAMES, SETS, tables_of, ways_of
from inference_app.services.learning.training_sources import clips_of_bundle
from inference_app.services.runs.model_runs import RUN
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict, MatteError
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_create, job_retry
from matteweb.jobs.states import LIVE


@transaction.atomic
def evaluation_create(
    *,
    project: Project,
    name: str,
    predictors: Sequence[str],
    trainings: Sequence[Training],
    held_out: Sequence[str],
    bundles: Sequence[tuple[Bundle, str]],
    clips: int,
    actor: Actor,
) -> Evaluation:
    """Start measuring; ``bundles``: (bundle, split); ``clips`` of each set at most, 0 for all.

    Raises NotFound or Conflict for a model that cannot run here, BadInput without a model or a
    set, and for a set without an alpha.
    """
    models = [_predictor_row(slug) for slug in predictors]
    models += [_training_row(training) for training in trainings]
    sets = [_held_out_row(held) for held in held_out]
    sets += [_bundle_row(bundle, split) for bundle, split in bundles]
    if not models or not sets:
        raise BadInput("an evaluation needs a model and a set", hint="choose at least one of each")
    if clips < 0:
        raise BadInput(f"{clips} clips cannot be measured", hint="0 measures all")
    row = Evaluation.objects.create(
        project=project,
        name=name.strip()[:80] or "evaluation",
        models_measured=models,
        sets=sets,
        clips=clips,
        created_by=actor.user,
    )
    title = f"Evaluation {row}"
    job_create(project=project, kind=EVALUATION_KIND, title=title, target_id=row.pk, actor=actor)
    _audit(row, actor, "create", {"models": models, "sets": sets})
    return row


def evaluation_make(*, evaluation_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Measure the sets that are not yet measured. Safe to repeat.

    What cannot be leaves the row ``failed`` with the cause.
    """
    row = Evaluation.objects.select_related("project").get(pk=evaluation_id)
    if row.state != RunState.RUNNING:
        return
    try:
        methods = _methods(row)
        finished = set(row.measured.values_list("number", flat=True))
        for number, told in enumerate(row.sets):
            if number not in finished:
                _measure(row, number, told, methods, progress, should_stop)
        state_move(row, RunState.READY, RUN)
    except Cancelled:
        raise  # its job can be resumed
    except MatteError as error:
        state_move(row, RunState.FAILED, RUN, error=error.message, hint=error.hint)
        raise


def evaluation_stop(*, evaluation: Evaluation, actor: Actor) -> None:
    """Stop it; finished sets stay. Raises Conflict when it has ended."""
    job_cancel(job=evaluation_job(evaluation), actor=actor)


@transaction.atomic
def evaluation_resume(*, evaluation: Evaluation, actor: Actor) -> None:
    """Go on with the sets that are not measured."""
    job_retry(job=evaluation_job(evaluation), actor=actor)
    if evaluation.state == RunState.FAILED:
        state_move(evaluation, RunState.RUNNING, RUN, error="", hint="")


@transaction.atomic
def evaluation_delete(*, evaluation: Evaluation, actor: Actor) -> None:
    """Remove one that has ended. Raises Conflict while it is at work."""
    if evaluation_job(evaluation).state in LIVE:
        raise Conflict(f"{evaluation} is at work", hint="stop it first")
    _audit(evaluation, actor, "delete", {"name": evaluation.name})
    evaluation.delete()


def evaluation_job(evaluation: Evaluation) -> Job:
    """Return the job of an evaluation."""
    return Job.objects.filter(kind=EVALUATION_KIND, target_id=evaluation.pk).latest("pk")


def _measure(
    row: Evaluation,
    number: int,
    told: dict[str, Any],
    methods: dict[str, Method],
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    total = min(row.clips, told["clips"]) if row.clips else told["clips"]
    findings = FrameFindings(methods.keys() - {"mask"})
    found = measure_methods(
        _clips(told, total),
        methods,
        progress=lambda done, _: progress(done, total),
        should_stop=should_stop,
        watch=findings.watch,
    )
    tables = tables_of(found, f"{told['name']}, {total} clips")
    with work_folder(f"evaluation-{row.pk}-{number}") as folder:
        findings.write(folder / "findings.zip")
        blob = blob_from_file(folder / "findings.zip")
    EvaluatedSet.objects.create(
        evaluation=row,
        number=number,
        tables=[table.as_json() for table in tables],
        findings=blob,
    )


def _methods(row: Evaluation) -> dict[str, Method]:
    """Load every model and return what is measured, the guiding mask itself first."""
    place = device_named("auto", threads=1)
    methods: dict[str, Method] = {"mask": mask_itself}
    for told in row.models_measured:
        if "training" in told:
            training = (
                Training.objects.select_related("weights").filter(pk=told["training"]).first()
            )
            if training is None or training.weights is None:
                raise BadInput(f"the weights of {told['name']} are gone")
            loaded = OwnNetworkOnFrames(blob_path(training.weights), place)
            methods[told["name"]] = predictor_method(loaded, every_mask)
            continue
        predictor = PREDICTORS[told["predictor"]]
        runner = predictor.load(find_weights(predictor, settings.WEIGHTS_DIR), place)
        methods |= ways_of(told["name"], predictor, runner)
    return methods


def _clips(told: dict[str, Any], total: int) -> Iterator[MattingClip]:
    if told["kind"] == "held_out":
        yield from (held_out_clip(SETS[told["name"]], index) for index in range(total))
        return
    bundle = Bundle.objects.filter(pk=told["id"], manifest_id=told["manifest"]).first()
    if bundle is None:
        raise BadInput(f"bundle {told['name']} is gone", hint="restore it, or measure another")
    stored = clips_of_bundle(bundle, told["split"])
    yield from (stored.whole(index, FRAMES) for index in range(total))


def _predictor_row(slug: str) -> dict[str, Any]:
    predictor = PREDICTORS[slug]
    if predictor.traits.task != "matting":
        raise BadInput(f"{predictor.info.label} makes no alpha")
    if reason := why_not(predictor, settings.WEIGHTS_DIR):
        raise Conflict(f"{predictor.info.label} cannot run here: {reason}")
    return {
        "name": predictor.info.slug,
        "predictor": predictor.info.slug,
        "version": predictor.info.version,
        "weights": {weight.name: weight.sha256 for weight in predictor.weights},
    }


def _training_row(training: Training) -> dict[str, Any]:
    if training.weights_id is None:
        raise Conflict(f"training {training} has no weights yet", hint="wait for its end")
    return {
        "name": f"{training.name} ({training.pk})",
        "training": training.pk,
        "weights": {training.name: training.weights_id},
    }


def _held_out_row(name: str) -> dict[str, Any]:
    if name not in SETS:
        raise BadInput(f"there is no set {name!r}", hint=f"known: {', '.join(SETS)}")
    return {"kind": "held_out", "name": name, "clips": SETS[name].clips}


def _bundle_row(bundle: Bundle, split: str) -> dict[str, Any]:
    return {
        "kind": "bundle",
        "name": f"{bundle.name}, {split}",
        "id": bundle.pk,
        "manifest": bundle.manifest_id,
        "split": split,
        "clips": len(clips_of_bundle(bundle, split)),
    }


def _audit(row: Evaluation, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=row.project,
        action=f"evaluation.{verb}",
        target_kind="evaluation",
        target_id=row.pk,
        detail=detail,
    )
