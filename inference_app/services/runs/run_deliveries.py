"""Finished runs in forms to take away: asked for, written by a job, kept with the run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction

from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_measured, read_rgb
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.quality.alpha_errors import unit
from datasets_app.domain.synthesis.watching import watched
from datasets_app.models import Blob
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.space import space_require
from inference_app.domain.deliveries import of_sixteen_bit
from inference_app.domain.delivery_forms import DeliveryForm, form_named
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import UnitPlane, found_layer
from inference_app.models import ModelRun, RunState
from inference_app.models.model_run import DELIVERY_KIND
from inference_app.selectors.run_deliveries import COLUMNS, delivery_job
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict, Unsupported
from matteweb.jobs.services import job_create, job_retry
from matteweb.jobs.states import LIVE, JobState


@transaction.atomic
def run_delivery_start(*, run: ModelRun, form_slug: str, actor: Actor) -> None:
    """Have a finished run written in a form, unless that is done or under way.

    Raises NotFound for a form that there is not, Unsupported for a run without an alpha, Conflict
    for one that has not ended well, NoSpace.
    """
    form = form_named(form_slug)
    if found_layer(PREDICTORS[run.predictor]) != "alpha":
        raise Unsupported(f"{run} has no alpha", hint="take what it found as its lossless file")
    if run.state != RunState.READY or run.result is None:
        raise Conflict(f"{run} is not finished", hint="wait for its last frame")
    if run.result.state != IngestState.READY:
        raise Conflict(f"the alpha of {run} is {run.result.state}", hint="wait until it is read")
    if getattr(run, COLUMNS[form.slug]) is not None:
        return
    job = delivery_job(run, form.slug)
    if job is not None and job.state in LIVE:
        return
    pixels = (run.width or 0) * (run.height or 0) * (run.frames or 0)
    needed = round(pixels * form.bytes_per_pixel)
    space_require(project=run.video.project, needed=needed, purpose=form.label)
    if job is not None and job.state in {JobState.FAILED, JobState.CANCELLED}:
        job_retry(job=job, actor=actor)
    else:
        job_create(
            project=run.video.project,
            kind=DELIVERY_KIND,
            title=f"{form.label} of {run}",
            target_id=run.pk,
            params={"form": form.slug},
            actor=actor,
        )
    audit(
        actor=actor,
        project=run.video.project,
        action="model_run.deliver",
        target_kind="model_run",
        target_id=run.pk,
        detail={"form": form.slug},
    )


def run_delivery_make(
    *, run_id: int, form_slug: str, progress: Progress, should_stop: ShouldStop
) -> None:
    """Write a run in a form and keep the file. Safe to repeat: it begins anew, half is never kept.

    Raises BadInput when the video or the alpha is gone, Cancelled.
    """
    form = form_named(form_slug)
    run = ModelRun.objects.select_related("video__project", "result", "deep").get(pk=run_id)
    if getattr(run, COLUMNS[form.slug]) is not None:
        return
    with work_folder(f"delivery-{run.pk}-{form.slug}") as folder:
        path = folder / f"result{form.ending}"
        size = FrameSize(run.width or 1, run.height or 1)
        fps = Fraction(run.fps_num or 1, run.fps_den or 1)
        with form.begun(path, size, fps) as delivery:
            source, alpha = _files(run, form)
            pictures = read_rgb(blob_path(source), stop=run.frames)
            with closing(pictures), closing(_planes(run, alpha)) as planes:
                pairs = zip(pictures, planes, strict=True)
                for rgb, plane in watched(pairs, run.frames or 0, progress, should_stop):
                    delivery.write(rgb, plane)
        blob = blob_from_file(path)
    ModelRun.objects.filter(pk=run.pk).update(**{COLUMNS[form.slug]: blob})


def _files(run: ModelRun, form: DeliveryForm) -> tuple[Blob, Blob]:
    source = run.video.master or run.video.original
    alpha = run.result.master if run.result else None
    if source is None or alpha is None:
        raise BadInput(f"{run} cannot be written as {form.label}: its video or its alpha is gone")
    return source, alpha


def _planes(run: ModelRun, alpha: Blob) -> Generator[UnitPlane, None, None]:
    """Yield the alpha of each frame, as finely as it was kept."""
    if run.deep is None:
        yield from map(unit, read_gray(blob_path(alpha)))
    else:
        yield from map(of_sixteen_bit, read_measured(blob_path(run.deep)))
