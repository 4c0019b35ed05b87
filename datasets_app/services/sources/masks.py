"""Masks of a video: attached, checked against it, read, read again another way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from time import sleep
from typing import Any

from django.db import IntegrityError, transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.mask_reading import (
    MaskReading,
    Polarity,
    choose_reading,
    survey_mask,
)
from datasets_app.domain.media.mask_stream import require_fit, stream_mask
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_bytes, blob_from_file, blob_link, blob_path
from datasets_app.services.quality import measuring_start, report_forget
from datasets_app.services.sources.footage import media_limits
from datasets_app.services.sources.mask_files import mask_json_blob
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import INGEST, state_move
from datasets_app.services.streams import stream_store
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict, MatteError
from matteweb.jobs.context import Again
from matteweb.jobs.services import job_create

VIDEO_LOOKS_APART_SECONDS = 0.5
_CHOICES = frozenset({"kind", "polarity", "threshold"})


def mask_add(
    *,
    video: Video,
    path: Path,
    actor: Actor,
    name: str = "",
    polarity: Polarity | None = None,
    threshold: int | None = None,
    link: bool = False,
) -> Mask:
    """Attach a mask file of this server: a video, a zip of pictures, or a JSON of runs.

    Raises as `mask_create`, BadInput for a folder that is to be copied, and NoSpace.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder", hint="zip its pictures and attach the zip")
    if not link:
        space_require(project=video.project, needed=path.stat().st_size, purpose=path.name)
    if path.suffix.lower() == ".json":
        blob = mask_json_blob(path, video=video, name=path.name)
    else:
        blob = blob_link(path) if link else blob_from_file(path, move=False)
    return mask_create(
        video=video,
        blob=blob,
        filename=path.name,
        actor=actor,
        name=name,
        wish={"polarity": polarity, "threshold": threshold},
    )


def mask_create(
    *,
    video: Video,
    blob: Blob,
    filename: str,
    actor: Actor,
    name: str = "",
    wish: dict[str, Any] | None = None,
    made_from: dict[str, Any] | None = None,
) -> Mask:
    """Make the row of a stored mask and queue its reading.

    ``wish``: kind, polarity and threshold that a person chose, and ``object`` for one object of a
    mask of object numbers. ``made_from`` as the row has it. Raises Conflict when the video has a
    mask of this name.
    """
    wanted = name or Path(filename).stem
    try:
        with transaction.atomic():
            mask = Mask.objects.create(
                video=video,
                name=wanted,
                original=blob,
                filename=filename,
                reading={key: value for key, value in (wish or {}).items() if value is not None},
                made_from=made_from or {},
                created_by=actor.user,
            )
            _enqueue(mask, actor)
            _audit_mask(mask, actor, "add", {"filename": filename})
    except IntegrityError:
        raise Conflict(
            f"video {video.name} has a mask called {wanted} already", hint="give another name"
        ) from None
    return mask


def mask_ingest(*, mask_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Check the mask against its video and store it lossless; safe to repeat after a kill.

    What does not fit leaves the row ``failed`` with the cause, which is raised for the job's page.
    Raises Again while the video itself is still being read. While the video waits for an answer
    the mask waits with it: whoever answers has both read.
    """
    mask = Mask.objects.select_related("video__project", "original", "created_by").get(pk=mask_id)
    if mask.state != IngestState.ARRIVING or mask.original is None:
        return
    if mask.video.state == IngestState.ARRIVING:
        sleep(VIDEO_LOOKS_APART_SECONDS)
        raise Again
    if mask.video.state == IngestState.NEEDS_DECISION:
        _wait_with_video(mask)
        return
    try:
        _ingest(mask, blob_path(mask.original), progress, should_stop)
    except Cancelled:
        raise  # the row stays as it is: its job can be resumed
    except MatteError as error:
        state_move(mask, IngestState.FAILED, INGEST, error=error.message, hint=error.hint)
        raise


@transaction.atomic
def _wait_with_video(mask: Mask) -> None:
    """Raises Again where somebody has answered meanwhile, and saw no mask that waits.

    The video is held until the mask waits: whoever answers comes before, which is seen here, or
    after, and sees the mask.
    """
    video = Video.objects.select_for_update().get(pk=mask.video_id)
    if video.state != IngestState.NEEDS_DECISION:
        raise Again
    state_move(
        mask,
        IngestState.NEEDS_DECISION,
        INGEST,
        error=f"video {video.name} waits for an answer",
        hint="give it in the Library: the mask is read with the video",
    )


@transaction.atomic
def mask_reread(
    *,
    mask: Mask,
    actor: Actor,
    polarity: Polarity | None = None,
    threshold: int | None = None,
) -> None:
    """Read the original once more: as a person chose, or by rule when nothing is chosen.

    Samples that were made with the former reading keep their own bytes.
    """
    chosen = {"polarity": polarity, "threshold": threshold, "object": mask.reading.get("object")}
    wish = {key: value for key, value in chosen.items() if value is not None}
    state_move(mask, IngestState.ARRIVING, INGEST, error="", hint="", reading=wish)
    _enqueue(mask, actor)
    _audit_mask(mask, actor, "reread", wish)


def _ingest(mask: Mask, path: Path, progress: Progress, should_stop: ShouldStop) -> None:
    video = mask.video
    if video.state != IngestState.READY:
        raise BadInput(
            f"video {video.name} is not ready: {video.get_state_display().lower()}",
            hint="attach the mask again when it is ready",
        )
    size = FrameSize(video.width or 0, video.height or 0)
    limits = media_limits()
    survey = survey_mask(path, limits, name=mask.filename, should_stop=should_stop)
    frames = video.frames or 0
    require_fit(survey, name=mask.name, video=video.name, frames=frames, size=size)
    wish, number = mask.reading, mask.reading.get("object")
    reading = choose_reading(
        survey,
        kind=wish.get("kind"),
        polarity=wish.get("polarity"),
        threshold=wish.get("threshold"),
    )
    with work_folder(f"mask-{mask.pk}") as folder:
        files = stream_mask(
            path,
            reading,
            folder,
            frames=frames,
            size=size,
            fps=Fraction(video.fps_num or 1, video.fps_den or 1),
            limits=limits,
            progress=progress,
            should_stop=should_stop,
            number=number,
        )
        fields = stream_store(files.stream)
        planning = blob_from_bytes(files.planning)
    extra: dict[str, Any] = {"chosen": sorted(wish.keys() & _CHOICES)}
    if number is not None:
        extra["object"] = number
    with transaction.atomic():
        state_move(
            mask,
            IngestState.READY,
            INGEST,
            kind=MaskKind.HARD if number is not None else reading.kind,
            reading=reading.as_json() | extra,
            coverage=survey.coverage(reading) if number is None else None,
            planning=planning,
            **fields,
        )
        if reading.kind == "index" and number is None:
            _split(mask, reading)
        report_forget(mask=mask)
        measuring_start(project=video.project)


def _split(mask: Mask, reading: MaskReading) -> None:
    """Give each object of a mask of object numbers a hard mask of its own, as recipes read them."""
    actor = Actor(mask.created_by, AuditEntry.Channel.JOB)
    names = set(Mask.objects.filter(video=mask.video).values_list("name", flat=True))
    for number in reading.objects:
        name = f"{mask.name} {number}"
        if name not in names and mask.original is not None:
            mask_create(
                video=mask.video,
                blob=mask.original,
                filename=mask.filename,
                actor=actor,
                name=name,
                wish={"object": number},
                made_from=mask.made_from,
            )


def _enqueue(mask: Mask, actor: Actor) -> None:
    job_create(
        project=mask.video.project,
        kind="ingest_mask",
        title=f"Read mask {mask.name} of {mask.video.name}",
        target_id=mask.pk,
        actor=actor,
    )


def _audit_mask(mask: Mask, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=mask.video.project,
        action=f"mask.{verb}",
        target_kind="mask",
        target_id=mask.pk,
        detail=detail,
    )
