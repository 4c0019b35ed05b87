"""Runs of predictors over videos: asked for, made piece by piece, stored as layers."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.stream_files import StreamWriter
from datasets_app.domain.media.writer import MeasuredMasterWriter
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from datasets_app.domain.synthesis.sources.pool import DEPTH
from datasets_app.domain.synthesis.watching import watched
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.sources.masks import mask_create
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import Moves, state_move
from datasets_app.services.streams import stream_store
from inference_app.adapters.run_folders import deep_pieces, live_streams, run_folder_remove
from inference_app.adapters.warm_predictors import cool_predictors, warm_predictor
from inference_app.domain.deliveries import eight_bit, sixteen_bit
from inference_app.domain.device import device_named
from inference_app.domain.live_pieces import FIRST, PIECE, LivePieces
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import LoadedPredictor, Prediction, Shot, found_layer
from inference_app.domain.smaller import SMALLEST, SmallerOnFrames, stepped_down
from inference_app.domain.training.memory import memory_watched
from inference_app.models import ModelRun, RunState, Training
from inference_app.models.model_run import RUN_KIND
from inference_app.services.runs.run_conditions import require_runnable, weights_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict, MatteError, OutOfMemory
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_create, job_retry

RUN: Moves = {
    RunState.RUNNING: frozenset({RunState.READY, RunState.FAILED}),
    RunState.FAILED: frozenset({RunState.RUNNING}),
    RunState.READY: frozenset(),
}


@transaction.atomic
def run_create(
    *,
    video: Video,
    mask: Mask | None,
    predictor_slug: str,
    actor: Actor,
    training: Training | None = None,
    longest: int = 0,
) -> ModelRun:
    """Ask for a predictor of alpha or depth over a video; a job makes it.

    ``training``: with the weights that came of it, instead of those that ship. ``longest``: the
    longer side in pixels at which the network works, 0 for the clip's own; alpha is enlarged along
    the edges.

    Raises BadInput for a mask that does not fit, Conflict for what is not ready or cannot run
    here, NoSpace when the disk has no room for the result.
    """
    predictor = PREDICTORS[predictor_slug]
    require_runnable(predictor, video, mask)
    if longest and longest < SMALLEST:
        raise BadInput(f"{longest} pixels are too few to work at", hint=f"at least {SMALLEST}")
    weights = {weight.name: weight.sha256 for weight in predictor.weights}
    if training is not None:
        weights = weights_of(training, predictor)
    pixels = (video.width or 0) * (video.height or 0) * (video.frames or 0)
    space_require(project=video.project, needed=3 * pixels, purpose=predictor.info.label)
    run = ModelRun.objects.create(
        video=video,
        mask=mask,
        predictor=predictor.info.slug,
        predictor_version=predictor.info.version,
        weights=weights,
        params=({"training": training.pk} if training else {})
        | ({"longest": longest} if longest else {}),
        created_by=actor.user,
    )
    job_create(
        project=video.project,
        kind=RUN_KIND,
        title=f"{predictor.info.label} on {video.name}",
        target_id=run.pk,
        actor=actor,
    )
    _audit(run, actor, "create", {"predictor": run.predictor, "mask": mask and mask.pk})
    return run


@transaction.atomic
def runs_create(
    *,
    chosen: Sequence[tuple[Video, Mask | None]],
    predictor_slug: str,
    actor: Actor,
    training: Training | None = None,
    longest: int = 0,
) -> list[ModelRun]:
    """Ask for a predictor over each of ``chosen``, all or none. Raises as `run_create`."""
    if not chosen:
        raise BadInput("no mask was chosen", hint="tick a video with a mask")
    return [
        run_create(
            video=video,
            mask=mask,
            predictor_slug=predictor_slug,
            actor=actor,
            training=training,
            longest=longest,
        )
        for video, mask in chosen
    ]


def run_make(*, run_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Make the frames that are missing, then store alpha and foreground. Safe after a kill.

    What cannot be made leaves the row ``failed`` with the cause, which is raised for the job.
    """
    run = ModelRun.objects.select_related("video__project", "mask", "created_by").get(pk=run_id)
    if run.state != RunState.RUNNING:
        return
    try:
        _make_frames(run, progress, should_stop)
        _store(run, should_stop)
    except Cancelled:
        raise  # its job can be resumed
    except MatteError as error:
        state_move(run, RunState.FAILED, RUN, error=error.message, hint=error.hint)
        raise


def run_stop(*, run: ModelRun, actor: Actor) -> None:
    """Stop a run; what is finished can still be looked at. Raises Conflict when it has ended."""
    job_cancel(job=run_job(run), actor=actor)


@transaction.atomic
def run_resume(*, run: ModelRun, actor: Actor) -> None:
    """Go on with a stopped or failed run, after its last finished piece."""
    job_retry(job=run_job(run), actor=actor)
    if run.state == RunState.FAILED:
        state_move(run, RunState.RUNNING, RUN, error="", hint="")


@transaction.atomic
def run_delete(*, run: ModelRun, actor: Actor) -> None:
    """Remove a run that has ended. The alpha stays with its video, where it can be archived."""
    if run_job(run).state in {"queued", "running"}:
        raise Conflict(f"{run} is at work", hint="stop it first")
    _audit(run, actor, "delete", {"result": run.result_id})
    transaction.on_commit(lambda pk=run.pk: run_folder_remove(pk))  # type: ignore[misc]
    run.delete()


def run_job(run: ModelRun) -> Job:
    """Return the job of a run."""
    return Job.objects.filter(kind=RUN_KIND, target_id=run.pk).latest("pk")


def _checkpoint_of(run: ModelRun) -> Path | None:
    if "training" not in run.params:
        return None
    digest = next(iter(run.weights.values()))
    blob = Blob.objects.filter(pk=digest).first()
    if blob is None:
        raise BadInput(f"the checkpoint of {run} is gone", hint="start a run with another model")
    return blob_path(blob)


def _make_frames(run: ModelRun, progress: Progress, should_stop: ShouldStop) -> None:
    """Write the frames that are missing, at a smaller size where memory is short.

    Raises OutOfMemory when it does not fit at the smallest either.
    """
    while True:
        try:
            with memory_watched(f"{run.predictor} ran over {run.video.name}"):
                return _make_pieces(run, progress, should_stop)
        except OutOfMemory as error:
            cool_predictors()
            size = FrameSize(run.video.width or 1, run.video.height or 1)
            longest = stepped_down(size, run.params.get("longest", 0))
            if not longest:
                raise
            words = f"{error.message}: works at {longest} pixels from here on"
            notes = [*run.params.get("notes", []), words]
            run.params = run.params | {"longest": longest, "notes": notes}
            ModelRun.objects.filter(pk=run.pk).update(params=run.params)


def _make_pieces(run: ModelRun, progress: Progress, should_stop: ShouldStop) -> None:
    """Write the pieces after those that are there.

    1. A network that remembers sees the frames of finished pieces again, unwritten: the result is
       the same as without the interruption.
    2. A piece counts once all of its streams are in; alpha goes in last.
    """
    alpha_stream, _ = live_streams(run)
    alpha_stream.folder.mkdir(parents=True, exist_ok=True)
    total, done = run.video.frames or 0, alpha_stream.frames_done()
    if done >= total:
        return
    predictor = PREDICTORS[run.predictor]
    device = device_named("auto", threads=1)
    runner = warm_predictor(predictor, settings.WEIGHTS_DIR, device, _checkpoint_of(run))
    if run.params.get("longest", 0):
        runner = SmallerOnFrames(runner, run.params["longest"])
    with closing(_shots(run)) as shots:
        pairs = _with_picture(runner, shots, progress, should_stop, total)
        for _ in islice(pairs, done):
            pass
        while done < total:
            count = min(PIECE if done else min(FIRST, PIECE), total - done)
            piece = islice(pairs, count)
            done += _write_piece(run, piece, count, found_layer(predictor))
            ModelRun.objects.filter(pk=run.pk).update(done=done)


def _write_piece(
    run: ModelRun, pairs: Iterator[tuple[RgbFrame, Prediction]], count: int, layer: str
) -> int:
    alpha_stream, colour_stream = live_streams(run)
    half_done = colour_stream.frames_done() > alpha_stream.frames_done()
    written = 0
    with ExitStack() as stack:
        deep_piece = stack.enter_context(deep_pieces(run).begin(alpha_stream.frames_done()))
        alpha_piece = stack.enter_context(alpha_stream.begin(count))
        colour_piece = None if half_done else stack.enter_context(colour_stream.begin(count))
        for rgb, found in pairs:
            alpha = eight_bit(found.layers[layer])
            alpha_piece.write(alpha)
            deep_piece.write(sixteen_bit(found.layers[layer]))
            if colour_piece is not None:
                # A depth has no object whose colour could be estimated.
                colour_piece.write(foreground_colour(rgb, alpha) if layer == "alpha" else rgb)
            written += 1
    if colour_piece is not None:
        colour_stream.finish(colour_piece)
    alpha_stream.finish(alpha_piece)
    return written


def _with_picture(
    runner: LoadedPredictor,
    shots: Iterator[Shot],
    progress: Progress,
    should_stop: ShouldStop,
    total: int,
) -> Iterator[tuple[RgbFrame, Prediction]]:
    """Yield each frame with what was found in it."""
    pictures: list[RgbFrame] = []

    def seen() -> Iterator[Shot]:
        for shot in shots:
            pictures[:] = [shot.rgb]
            yield shot

    def report(done: int, _: int | None) -> None:
        progress(done, total)

    for found in runner.predict(seen(), report, should_stop):
        yield pictures[0], found


def _shots(run: ModelRun) -> Generator[Shot, None, None]:
    video, mask = run.video, run.mask
    source = video.master or video.original
    if source is None or (mask is not None and mask.master is None):
        raise BadInput(f"{video.name} has no file any more")
    with closing(read_rgb(blob_path(source), stop=video.frames)) as frames:
        if mask is None or mask.master is None:
            for rgb in frames:
                yield Shot(rgb)
            return
        with closing(read_gray(blob_path(mask.master))) as masks:
            for rgb, hint in zip(frames, masks, strict=True):
                yield Shot(rgb, hint)


def _store(run: ModelRun, should_stop: ShouldStop) -> None:
    """Join the pieces and put them where everything else looks for layers."""
    alpha_stream, colour_stream = live_streams(run)
    total = run.video.frames or 0
    if alpha_stream.frames_done() != total:
        raise BadInput(
            f"{alpha_stream.frames_done()} of {total} frames came out",
            hint="the video changed or is damaged: bring it in again",
        )
    with work_folder(f"model-run-end-{run.pk}") as folder:
        alpha = _joined(alpha_stream, folder, total, should_stop, pictures=False)
        colour = _joined(colour_stream, folder, total, should_stop, pictures=True)
        fields = stream_store(colour.files())
        alpha_path = alpha.files().master
        assert alpha_path is not None  # noqa: S101  # asked for
        blob = blob_from_file(alpha_path)
        deep = _deep_joined(run, folder / "deep.mkv", total, should_stop)
    actor = Actor(run.created_by, AuditEntry.Channel.JOB)
    with transaction.atomic():
        result = mask_create(
            video=run.video,
            blob=blob,
            filename=f"{run.predictor}.mkv",
            actor=actor,
            name=_result_name(run),
            wish={"kind": MaskKind.ALPHA, "polarity": "white"},
        )
        # The pieces stay until the result is read: they are what there is to see meanwhile.
        state_move(run, RunState.READY, RUN, result=result, done=total, deep=deep, **fields)


def _result_name(run: ModelRun) -> str:
    """Return what the mask of a run is called: a depth so that recipes know it for one."""
    predictor = PREDICTORS[run.predictor]
    if found_layer(predictor) == "alpha":
        return f"{predictor.info.label} {run.pk}"
    taken = Mask.objects.filter(video=run.video, name=DEPTH).exists()
    return f"{DEPTH} {run.pk}" if taken else DEPTH


def _joined(
    stream: LivePieces, folder: Path, total: int, should_stop: ShouldStop, *, pictures: bool
) -> StreamWriter:
    writer = StreamWriter(
        folder, stream.name, kind=stream.kind, size=stream.size, fps=stream.fps, expected=total,
        master=True, delivery=pictures, pictures=pictures,
    )  # fmt: skip
    with writer:
        for frame in watched(stream.read(), total, ignore_progress, should_stop):
            writer.write(frame)
    return writer


def _deep_joined(run: ModelRun, path: Path, total: int, should_stop: ShouldStop) -> Blob | None:
    """Store the 16 bits; None for a run that was begun before there were any."""
    pieces = deep_pieces(run)
    if not pieces.begun():
        return None
    with MeasuredMasterWriter(path, pieces.size, pieces.fps) as writer:
        for frame in watched(pieces.read(total), total, ignore_progress, should_stop):
            writer.write(frame)
    return blob_from_file(path)


def _audit(run: ModelRun, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=run.video.project,
        action=f"model_run.{verb}",
        target_kind="model_run",
        target_id=run.pk,
        detail=detail,
    )
