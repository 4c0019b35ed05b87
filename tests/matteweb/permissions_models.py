"""The rows of the permission table for runs of models; `permissions.py` takes them in."""

from __future__ import annotations

import io
import zipfile

from datasets_app.models import Mask
from datasets_app.services.blobs import blob_from_bytes
from inference_app.adapters.run_folders import run_folder
from inference_app.models import (
    EvaluatedSet,
    Evaluation,
    FusionTraining,
    HardExample,
    MaskEvaluation,
    MaskExport,
    MeasuredClip,
    ModelRun,
    RunState,
    Training,
)
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_create
from tests.matteweb.permission_objects import Maker, Row, mask, row

VIEWER, ANNOTATOR, LEAD = Role.VIEWER, Role.ANNOTATOR, Role.LEAD


def model_run(project: Project, user: User, state: str = RunState.READY) -> ModelRun:
    """Return a run whose every file is a few bytes, with its job."""
    guiding, blob = mask(project, user), blob_from_bytes(b'{"chunks": []}')
    run = ModelRun.objects.create(
        video=guiding.video, mask=guiding, predictor="guided_filter", predictor_version=1,
        state=state, done=3, frames=3, width=4, height=4, fps_num=24, fps_den=1,
        master=blob, delivery=blob, frame_index=blob, prores=blob,
    )  # fmt: skip
    made_job(run, user)
    return run


def made_job(run: ModelRun, user: User) -> Job:
    """Return the queued job of a run."""
    actor = Actor(user, AuditEntry.Channel.PAGE)
    return job_create(
        project=run.video.project, kind="model_run", title="run", target_id=run.pk, actor=actor
    )


def stopped_run(project: Project, user: User) -> ModelRun:
    """Return a run whose job was cancelled."""
    run = model_run(project, user, RunState.RUNNING)
    job = Job.objects.get(kind="model_run", target_id=run.pk)
    job_cancel(job=job, actor=Actor(user, AuditEntry.Channel.PAGE))
    return run


def growing_run(project: Project, user: User) -> ModelRun:
    """Return a run with one growing file."""
    run = model_run(project, user, RunState.RUNNING)
    run_folder(run.pk).mkdir(parents=True, exist_ok=True)
    (run_folder(run.pk) / "alpha.live").write_bytes(b"bytes of a test")
    return run


def training(project: Project, user: User, *, stopped: bool = False) -> Training:
    """Return a training with a few bytes of weights, its job queued or cancelled."""
    made = Training.objects.create(
        project=project, name="one", plan={"steps": 3, "network": "wavelet_refiner"},
        weights=blob_from_bytes(b"weights"),
    )  # fmt: skip
    actor = Actor(user, AuditEntry.Channel.PAGE)
    job = job_create(project=project, kind="training", title="t", target_id=made.pk, actor=actor)
    if stopped:
        job_cancel(job=job, actor=actor)
    return made


def evaluation(project: Project, user: User, *, stopped: bool = False) -> Evaluation:
    """Return an evaluation with one measured set, its job queued or cancelled."""
    made = Evaluation.objects.create(project=project, name="one", sets=[{"name": "tiny"}])
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("frames.json", '{"clips": [], "worst": []}')
        archive.writestr("worst/00.png", b"picture")
    EvaluatedSet.objects.create(
        evaluation=made, number=0, findings=blob_from_bytes(data.getvalue())
    )
    actor = Actor(user, AuditEntry.Channel.PAGE)
    job = job_create(project=project, kind="evaluation", title="e", target_id=made.pk, actor=actor)
    if stopped:
        job_cancel(job=job, actor=actor)
    return made


def hard_example(project: Project, user: User) -> HardExample:
    """Return a hard frame of a run."""
    return HardExample.objects.create(
        run=model_run(project, user), frame=1, uncertainty=0.1, flicker=0.1, score=0.2
    )


def mask_export(project: Project, user: User) -> MaskExport:
    """Return an export of a few bytes."""
    chosen = mask(project, user)
    return MaskExport.objects.create(
        video=chosen.video, form="png", archive=blob_from_bytes(b"bytes of a test")
    )


def measured_clip(project: Project, user: User) -> MeasuredClip:
    """Return a measured clip with a picture of a few bytes."""
    blob = blob_from_bytes(b"bytes of a test")
    made = MaskEvaluation.objects.create(project=project, name="a set", protocols=["first"])
    return MeasuredClip.objects.create(
        evaluation=made, protocol="first", engine="plain", clip="a", figures=[1, 1, 1], picture=blob
    )


def fusion_training(project: Project, user: User) -> FusionTraining:
    """Return a finished training whose weights are a few bytes."""
    weights = blob_from_bytes(b"bytes of a test")
    return FusionTraining.objects.create(
        project=project, name="fusion", plan={"stage": 0}, weights=weights
    )


def mask_to_mend(project: Project, user: User) -> Mask:
    """Return a mask that can be read, of a few bytes."""
    made = mask(project, user)
    Mask.objects.filter(pk=made.pk).update(
        state="ready", master=blob_from_bytes(b"bytes of a test")
    )
    return made


MODEL_TARGETS: dict[str, Maker] = {
    "mask to mend": lambda project, user: {"pk": mask_to_mend(project, user).pk},
    "mask evaluation": lambda project, user: {"pk": measured_clip(project, user).evaluation_id},
    "fusion training": lambda project, user: {"pk": fusion_training(project, user).pk},
    "mask evaluation file": lambda project, user: {
        "pk": measured_clip(project, user).evaluation_id,
        "form": "csv",
    },
    "measured clip": lambda project, user: {"pk": measured_clip(project, user).pk},
    "mask export": lambda project, user: {"pk": mask_export(project, user).pk},
    "model run": lambda project, user: {"pk": model_run(project, user).pk},
    "model run at work": lambda project, user: {
        "pk": model_run(project, user, RunState.RUNNING).pk
    },
    "stopped model run": lambda project, user: {"pk": stopped_run(project, user).pk},
    "growing model run": lambda project, user: {
        "pk": growing_run(project, user).pk,
        "layer": "alpha",
    },
    "model run file": lambda project, user: {
        "pk": model_run(project, user).pk,
        "what": "delivery",
    },
    "model run form": lambda project, user: {
        "pk": model_run(project, user).pk,
        "form": "prores",
    },
    "hard example": lambda project, user: {"pk": hard_example(project, user).pk},
    "evaluation": lambda project, user: {"pk": evaluation(project, user).pk},
    "stopped evaluation": lambda project, user: {"pk": evaluation(project, user, stopped=True).pk},
    "evaluation tables": lambda project, user: {
        "pk": evaluation(project, user).pk,
        "form": "csv",
    },
    "evaluation picture": lambda project, user: {
        "pk": evaluation(project, user).pk,
        "number": 0,
        "place": 0,
    },
    "training": lambda project, user: {"pk": training(project, user).pk},
    "stopped training": lambda project, user: {"pk": training(project, user, stopped=True).pk},
    "training file": lambda project, user: {
        "pk": training(project, user).pk,
        "what": "weights",
    },
    "model run layer": lambda project, user: {"pk": model_run(project, user).pk, "layer": "fgr"},
}

MODEL_URLS: dict[str, Row] = {
    "mask-evaluations": row(get=VIEWER),
    "mask-evaluation-start": row(post=ANNOTATOR),
    "mask-evaluation": row("mask evaluation", get=VIEWER),
    "mask-evaluation-part": row("mask evaluation", get=VIEWER),
    "mask-evaluation-export": row("mask evaluation file", get=VIEWER),
    "mask-evaluation-picture": row("measured clip", get=VIEWER),
    "api-mask-evaluations": row(get=VIEWER, post=ANNOTATOR),
    "api-mask-evaluation": row("mask evaluation", get=VIEWER),
    "fusion-trainings": row(get=VIEWER),
    "fusion-trainings-part": row(get=VIEWER),
    "fusion-training-start": row(post=LEAD),
    "fusion-training-delete": row("fusion training", post=LEAD),
    "fusion-training-file": row("fusion training", get=VIEWER),
    "api-fusion-trainings": row(get=VIEWER, post=LEAD),
    "api-fusion-training": row("fusion training", get=VIEWER, delete=LEAD),
    "mask-tracks": row("video", get=VIEWER),
    "mask-combine": row("video", post=ANNOTATOR),
    "mask-export": row("video", post=ANNOTATOR),
    "sample-guidance": row("sample", get=VIEWER),
    "sample-guidance-part": row("sample", get=VIEWER),
    "sample-guidance-start": row("sample", post=LEAD),
    "run-guidance": row("run", get=VIEWER),
    "run-guidance-part": row("run", get=VIEWER),
    "run-guidance-start": row("run", post=LEAD),
    "mask-mend": row("mask to mend", post=ANNOTATOR),
    "mask-export-file": row("mask export", get=VIEWER),
    "api-mask-combinations": row("video", post=ANNOTATOR),
    "api-mask-exports": row("video", get=VIEWER, post=ANNOTATOR),
    "api-mask-export-file": row("mask export", get=VIEWER),
    "models": row(get=VIEWER),
    "model-run-start": row(post=ANNOTATOR),
    "model-stills": row(post=ANNOTATOR),
    "model-run": row("model run", get=VIEWER),
    "model-run-part": row("model run", get=VIEWER),
    "model-run-player": row("model run", get=VIEWER),
    "model-run-live": row("growing model run", get=VIEWER),
    "model-run-file": row("model run file", get=VIEWER),
    "model-run-stop": row("model run at work", post=ANNOTATOR),
    "model-run-resume": row("stopped model run", post=ANNOTATOR),
    "model-run-delete": row("stopped model run", post=LEAD),
    "model-run-forms": row("model run", get=VIEWER),
    "model-run-form": row("model run form", post=ANNOTATOR),
    "model-run-form-file": row("model run form", get=VIEWER),
    "evaluations": row(get=VIEWER),
    "evaluation-start": row(post=ANNOTATOR),
    "evaluation": row("evaluation", get=VIEWER),
    "evaluation-part": row("evaluation", get=VIEWER),
    "evaluation-stop": row("evaluation", post=ANNOTATOR),
    "evaluation-resume": row("stopped evaluation", post=ANNOTATOR),
    "evaluation-delete": row("stopped evaluation", post=LEAD),
    "evaluation-export": row("evaluation tables", get=VIEWER),
    "evaluation-picture": row("evaluation picture", get=VIEWER),
    "api-evaluations": row(get=VIEWER, post=ANNOTATOR),
    "api-evaluation": row("stopped evaluation", get=VIEWER, delete=LEAD),
    "api-evaluation-stop": row("evaluation", post=ANNOTATOR),
    "api-evaluation-resume": row("stopped evaluation", post=ANNOTATOR),
    "api-evaluation-export": row("evaluation tables", get=VIEWER),
    "hard-examples": row(get=VIEWER),
    "hard-examples-find": row(post=ANNOTATOR),
    "hard-examples-move": row(post=ANNOTATOR),
    "api-hard-examples": row(get=VIEWER, post=ANNOTATOR),
    "api-hard-example": row("hard example", post=ANNOTATOR),
    "trainings": row(get=VIEWER),
    "training-start": row(post=LEAD),
    "training": row("training", get=VIEWER),
    "training-part": row("training", get=VIEWER),
    "training-stop": row("training", post=LEAD),
    "training-resume": row("stopped training", post=LEAD),
    "training-delete": row("stopped training", post=LEAD),
    "training-file": row("training file", get=VIEWER),
    "api-trainings": row(get=VIEWER, post=LEAD),
    "api-training": row("stopped training", get=VIEWER, delete=LEAD),
    "api-training-stop": row("training", post=LEAD),
    "api-training-resume": row("stopped training", post=LEAD),
    "api-training-weights": row("training", get=VIEWER),
    "api-models": row(get=VIEWER),
    "api-segmenters": row(get=VIEWER),
    "api-guidance": row("sample", get=VIEWER, post=LEAD),
    "api-model-runs": row(get=VIEWER, post=ANNOTATOR),
    "api-model-run": row("stopped model run", get=VIEWER, delete=LEAD),
    "api-model-run-stop": row("model run at work", post=ANNOTATOR),
    "api-model-run-resume": row("stopped model run", post=ANNOTATOR),
    "api-model-run-layer": row("model run layer", get=VIEWER),
    "api-model-run-deliveries": row("model run", get=VIEWER),
    "api-model-run-delivery": row("model run form", post=ANNOTATOR),
    "api-model-run-delivery-file": row("model run form", get=VIEWER),
}
