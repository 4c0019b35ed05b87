"""What workers run for networks and masks by hand: each takes a job's context and calls one
service."""

from __future__ import annotations

from inference_app.services import captioning
from inference_app.services.learning import evaluations, trainings
from inference_app.services.learning import hard_examples as hard_examples_service
from inference_app.services.masks import (
    automatic_masks,
    fusion_trainings,
    guidance_sets,
    mask_evaluations,
    mask_mending,
    mask_saving,
    mask_tracks,
    mask_work,
)
from inference_app.services.runs import model_runs, run_deliveries
from matteweb.jobs.context import JobContext


def mask_flow(context: JobContext) -> None:
    """Compute the motion between the frames of a clip."""
    context.step("reading motion")
    mask_work.session_flow_prepare(
        session_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def mask_carry(context: JobContext) -> None:
    """Go on with masks that travel through a clip while nobody watches."""
    context.step("carrying masks")
    mask_work.session_carry(
        session_id=context.target,
        frame=context.params["frame"],
        progress=context.progress,
        should_stop=context.should_stop,
    )


def mask_combine(context: JobContext) -> None:
    """Make a mask of masks."""
    context.step("combining masks")
    mask_tracks.combination_make(
        job_id=context.job_id, progress=context.progress, should_stop=context.should_stop
    )


def mask_evaluation(context: JobContext) -> None:
    """Measure engines for masks on clips whose masks are known."""
    context.step("measuring", unit="clips")
    mask_evaluations.evaluation_make(
        evaluation_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def fusion_training(context: JobContext) -> None:
    """Make cases for fusion and train a network on them."""
    fusion_trainings.fusion_training_make(
        training_id=context.target,
        step=context.step,
        progress=context.progress,
        should_stop=context.should_stop,
    )


def mask_export(context: JobContext) -> None:
    """Write masks for another tool."""
    context.step("writing masks", unit="files")
    mask_tracks.export_make(
        export_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def mask_open(context: JobContext) -> None:
    """Bring the frames of a mask in, so that it can be mended by hand."""
    context.step("opening the mask")
    mask_mending.mending_open(
        session_id=context.target,
        mask_id=context.params["mask"],
        progress=context.progress,
        should_stop=context.should_stop,
    )


def mask_save(context: JobContext) -> None:
    """Write a version of masks by hand as masks of the video."""
    context.step("writing masks")
    mask_saving.version_write(
        version_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def mask_make(context: JobContext) -> None:
    """Make a mask of a video without a hand."""
    context.step("looking for the object")
    automatic_masks.mask_make(
        job_id=context.job_id, progress=context.progress, should_stop=context.should_stop
    )


def guidance_make(context: JobContext) -> None:
    """Make guidance masks of a sample by a segmenter."""
    context.step("segmenting")
    guidance_sets.guidance_make(
        job_id=context.job_id, progress=context.progress, should_stop=context.should_stop
    )


def model_run(context: JobContext) -> None:
    """Run a predictor over a video."""
    context.step("predicting")
    model_runs.run_make(
        run_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def run_delivery(context: JobContext) -> None:
    """Write a finished run in a form to take away."""
    context.step("writing")
    run_deliveries.run_delivery_make(
        run_id=context.target,
        form_slug=context.params["form"],
        progress=context.progress,
        should_stop=context.should_stop,
    )


def training(context: JobContext) -> None:
    """Train a network."""
    context.step("training", unit="steps")
    trainings.training_make(
        training_id=context.target,
        progress=context.progress,
        should_stop=context.should_stop,
        log=context.log,
    )


def evaluation(context: JobContext) -> None:
    """Measure models on sets whose alpha is known."""
    context.step("measuring", unit="clips")
    evaluations.evaluation_make(
        evaluation_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def hard_examples(context: JobContext) -> None:
    """Look for frames that models found hard."""
    context.step("looking for hard frames", unit="runs")
    hard_examples_service.hard_examples_measure(
        run_ids=context.params["runs"],
        progress=context.progress,
        should_stop=context.should_stop,
    )


def captions_make(context: JobContext) -> None:
    """Describe videos in words."""
    context.step("describing", unit="videos")
    captioning.captions_make(context=context)
