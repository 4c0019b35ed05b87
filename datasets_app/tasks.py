"""What workers run: each takes a job's context and calls one service."""

from __future__ import annotations

from datasets_app.services import quality
from datasets_app.services.desk import calibration
from datasets_app.services.freezing import bundles
from datasets_app.services.receiving import uploads
from datasets_app.services.runs import regeneration, rendering, synthesis
from datasets_app.services.sources import demo, footage, masks
from datasets_app.services.trees import image_sets, imports, layout_exports
from matteweb.jobs.context import JobContext


def ingest_footage(context: JobContext) -> None:
    """Probe a clip or a still and make its browser form."""
    context.step("reading frames")
    footage.footage_ingest(
        kind=context.params["kind"],
        pk=context.target,
        progress=context.progress,
        should_stop=context.should_stop,
    )


def ingest_mask(context: JobContext) -> None:
    """Read a mask, check it against its video and store it lossless."""
    context.step("reading the mask")
    masks.mask_ingest(
        mask_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def synthesis_plan(context: JobContext) -> None:
    """Plan the samples of a run and start its render lanes."""
    context.step("planning", unit="samples")
    synthesis.run_plan(
        run_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def synthesis_render(context: JobContext) -> None:
    """Render planned samples of a run, one after the other."""
    context.step("rendering", unit="samples")
    rendering.run_render(
        run_id=context.target,
        job_id=context.job_id,
        progress=context.progress,
        should_stop=context.should_stop,
    )


def sample_regenerate(context: JobContext) -> None:
    """Rebuild one sample; what came out differently stands in the checkpoint."""
    context.step("rebuilding")
    found = regeneration.regeneration_run(
        sample_id=context.target, progress=context.progress, should_stop=context.should_stop
    )
    context.save_checkpoint({"regeneration": found.as_json()})


def bundle_freeze(context: JobContext) -> None:
    """Check every sample of a bundle and write its manifest."""
    context.step("checking samples", unit="samples")
    bundles.bundle_freeze_finish(
        bundle_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def upload_finish(context: JobContext) -> None:
    """Hash what arrived and hand it to the service of its purpose."""
    context.step("hashing", unit="bytes")
    uploads.upload_finish(
        upload_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def demo_scene(context: JobContext) -> None:
    """Paint one scene of the demo project and bring it in."""
    context.step("painting")
    demo.demo_scene_add(
        project_id=context.project_id,
        slug=context.params["scene"],
        progress=context.progress,
        should_stop=context.should_stop,
    )


def layout_export(context: JobContext) -> None:
    """Write a bundle or an image set as a ZIP of some layout."""
    context.step("writing", unit="entries")
    layout_exports.layout_export_run(
        export_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def image_set_cut(context: JobContext) -> None:
    """Cut the pictures of an image set out of annotated videos."""
    context.step("cutting", unit="pictures")
    image_sets.image_set_cut(
        image_set_id=context.target, progress=context.progress, should_stop=context.should_stop
    )


def folder_import(context: JobContext) -> None:
    """Bring in a tree of a known layout; what had no partner stands in the log."""
    context.step("importing", unit="entries")
    report = imports.folder_import_run(
        project_id=context.project_id,
        params=context.params,
        progress=context.progress,
        should_stop=context.should_stop,
    )
    for finding in report.findings:
        context.log(str(finding))
    context.save_checkpoint({"report": report.as_json()})


def calibration_make(context: JobContext) -> None:
    """Put faults into copies of good samples, by which reviewers are measured."""
    context.step("making known-bad samples", unit="samples")
    said = calibration.calibration_make(
        project_id=context.project_id,
        params=context.params,
        progress=context.progress,
        should_stop=context.should_stop,
    )
    for line in said:
        context.log(line)


def quality_measure(context: JobContext) -> None:
    """Measure the samples and masks of a project that have no report yet."""
    context.step("measuring", unit="clips")
    quality.measuring_run(
        project_id=context.project_id,
        progress=context.progress,
        should_stop=context.should_stop,
    )
