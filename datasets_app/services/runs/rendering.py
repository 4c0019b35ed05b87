"""Rendering planned samples."""

from __future__ import annotations

import platform
import time
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Plan, Recipe
from datasets_app.models import Layer, Sample
from datasets_app.models.sample import SampleState
from datasets_app.selectors.samples import run_counts
from datasets_app.services.lanes import others_wait, sample_claim, samples_release
from datasets_app.services.quality import measuring_start
from datasets_app.services.runs.long_samples import frames_of, journal_kept, journal_of
from datasets_app.services.runs.pool import source_paths
from datasets_app.services.runs.redraws import sample_redraw
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import SAMPLE, state_move
from datasets_app.services.streams import stream_store
from matteweb.errors import Cancelled, Corrupt, MatteError, NoSpace, Unsuitable
from matteweb.jobs.context import Again

TURN_SECONDS = 60.0
"""A lane gives up its turn after this long, or after a sample when another job waits: a person who
tries one, or attaches a mask, is not to wait for a run of thousands."""

TELLS_APART_SECONDS = 2.0


def run_render(*, run_id: int, job_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Render samples until none is planned; progress counts the run's finished samples.

    A sample that fails keeps its cause and does not stop the lane; one that its recipe refuses is
    drawn anew. Raises Again when the turn is
    over, Cancelled when asked to stop: what is finished stays.
    """
    turn_ends = time.monotonic() + TURN_SECONDS
    try:
        while (sample := sample_claim(run_id=run_id, job_id=job_id)) is not None:
            if should_stop():
                raise Cancelled("rendering stopped; finished samples are kept")
            try:
                sample_render(sample=sample, should_stop=should_stop)
            except (Cancelled, NoSpace):
                raise  # the job's matter: it stops, or waits for room
            except Unsuitable as refused:
                sample_redraw(sample=sample, refused=refused)
            except MatteError as error:
                state_move(sample, SampleState.FAILED, SAMPLE, error=error.message, hint=error.hint)
            _report(sample, progress)
            measuring_start(project=sample.project)
            if others_wait(run_id) or time.monotonic() > turn_ends:
                raise Again
    except BaseException:
        samples_release(job_id=job_id)
        raise


def sample_render(*, sample: Sample, should_stop: ShouldStop = never_stop) -> None:
    """Render one claimed sample: every layer is stored, then the row says ready, or nothing."""
    space_require(project=sample.project, needed=0, purpose=f"sample {sample.name}")
    with journal_kept(sample), work_folder(f"sample-{sample.pk}") as folder:
        told = _telling(sample)
        files = sample_write(folder, sample, told, should_stop, journal=True)
        stored = {name: stream_store(layer) for name, layer in files.items()}
    full = files["rgb_full"]
    with transaction.atomic():
        for name, fields in stored.items():
            Layer.objects.create(sample=sample, name=name, **fields)
        state_move(
            sample,
            SampleState.READY,
            SAMPLE,
            claimed_by_job=None,
            rendered_at=timezone.now(),
            platform=f"{platform.system()} {platform.machine()}",
            frames=full.frames,
            width=full.size.width,
            height=full.size.height,
            fps_num=full.fps.numerator,
            fps_den=full.fps.denominator,
        )


def sample_write(
    folder: Path,
    sample: Sample,
    progress: Progress,
    should_stop: ShouldStop,
    *,
    journal: bool = False,
) -> dict[str, StreamFiles]:
    """Render a sample's plan into ``folder`` and return the files of each layer.

    ``journal``: finished frames of a long sample are kept, and read when they were kept before.
    Raises Corrupt when an input is gone or changed, Cancelled when asked to stop.
    """
    recipe: Recipe = RECIPES[sample.recipe]
    plan: Plan = recipe.plan_model.model_validate(sample.plan)
    sources = source_paths(plan.inputs)
    missing = sorted(set(plan.inputs) - set(sources))
    if missing:
        raise Corrupt(
            f"{sample.name} needs an input that is no longer stored: {missing[0][:12]}",
            hint="bring the source in again: it is found by its digest",
        )
    size, fps = FrameSize(plan.width, plan.height), Fraction(plan.fps_num, plan.fps_den)
    specs = plan.sample_layers(recipe.layers)
    kept = journal_of(sample, plan, specs) if journal else None
    writers = {
        spec.name: StreamWriter(
            folder,
            spec.name,
            kind=spec.kind,
            size=size,
            fps=fps,
            expected=plan.frames,
            master=True,
            delivery=spec.delivered,
            pictures=spec.pictures,
        )
        for spec in specs
    }
    with ExitStack() as stack:
        for writer in writers.values():
            stack.enter_context(writer)
        made = frames_of(recipe, plan, sources, kept, progress, should_stop)
        for layers in stack.enter_context(closing(made)):
            for name, frame in layers.items():
                writers[name].write(frame)
    return {name: writer.files() for name, writer in writers.items()}


def _telling(sample: Sample) -> Progress:
    """Return what writes down, every now and then, how many frames of a long sample are made."""
    told = time.monotonic()

    def tell(done: int, total: int | None) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= TELLS_APART_SECONDS:
            told = now
            Sample.objects.filter(pk=sample.pk).update(frames_made=done)

    return tell


def _report(sample: Sample, progress: Progress) -> None:
    run = sample.run
    if run is not None:
        counts = run_counts(run)
        progress(counts.finished, run.count)
