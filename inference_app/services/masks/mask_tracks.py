"""Masks made of masks, and masks written for other tools: asked for, then done by jobs."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.watching import watched
from datasets_app.domain.trees.archive_writing import pack_tree
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.sources.mask_files import FORMS, MaskForm, masks_export, numbers_blob
from datasets_app.services.sources.masks import mask_create
from datasets_app.services.space import space_require
from inference_app.domain.mask_tracks import (
    COMBININGS,
    MOST_RADIUS,
    READINGS,
    combined,
    reading_of,
)
from inference_app.models import MaskExport
from inference_app.models.mask_export import EXPORT_KIND
from inference_app.selectors.mask_tracks import COMBINE_KIND
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

MOST_TRACKS = 32


@dataclass(frozen=True, slots=True)
class Combination:
    """How masks become one; see `combined`. ``name``: of the new mask."""

    name: str
    how: str = "union"
    grow: int = 0
    hard: bool = False


@transaction.atomic
def masks_combine(*, video: Video, masks: Sequence[Mask], wish: Combination, actor: Actor) -> Job:
    """Queue a new mask that is made of others, in their order. Nothing is overwritten.

    Raises BadInput for what makes no sense, Conflict for masks that are not ready or a name that
    is taken, NoSpace.
    """
    _require(video, masks)
    if wish.how not in COMBININGS:
        raise BadInput(f"there is no way {wish.how!r}", hint=f"known: {', '.join(COMBININGS)}")
    if abs(wish.grow) > MOST_RADIUS:
        raise BadInput(f"{wish.grow} px are too many", hint=f"at most {MOST_RADIUS}")
    name = wish.name.strip()[:120]
    if not name:
        raise BadInput("the new mask has no name", hint="give it one")
    if video.masks.filter(name=name).exists():
        raise Conflict(f"{video.name} has a mask called {name}", hint="give another name")
    _require_room(video, 1)
    job = job_create(
        project=video.project,
        kind=COMBINE_KIND,
        title=f"{name} of {video.name}",
        target_id=video.pk,
        params={
            "name": name,
            "how": wish.how,
            "grow": wish.grow,
            "hard": wish.hard,
            "masks": [mask.pk for mask in masks],
        },
        actor=actor,
    )
    _audit(video, actor, "combine", job.params)
    return job


def combination_make(*, job_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Make the mask that a job asks for; safe to repeat after a kill, which begins anew."""
    job = Job.objects.select_related("created_by").get(pk=job_id)
    wish, video = job.params, Video.objects.get(pk=job.target_id or 0)
    if video.masks.filter(name=wish["name"]).exists():
        return
    masks = [video.masks.get(pk=pk) for pk in wish["masks"]]
    numbers = wish["how"] == "priority"
    with ExitStack() as stack:
        tracks = [stack.enter_context(closing(_track(mask))) for mask in masks]
        made = combined(tracks, wish["how"], grow=wish["grow"], hard=wish["hard"])
        seen = watched(made, video.frames or 0, progress, should_stop)
        purpose = f"mask-combine-{job.pk}"
        blob = numbers_blob(seen, purpose) if numbers else _written(video, seen, purpose)
    soft = not wish["hard"] and any(mask.kind == MaskKind.ALPHA for mask in masks)
    kind = MaskKind.ALPHA if soft else MaskKind.HARD
    mask_create(
        video=video,
        blob=blob,
        filename=f"{wish['name']}.{'zip' if numbers else 'mkv'}",
        actor=Actor(job.created_by, AuditEntry.Channel.JOB),
        name=wish["name"],
        wish={} if numbers else {"kind": kind, "polarity": "white"},
        made_from={
            "by": "combine",
            "version": 1,
            "params": {key: wish[key] for key in ("how", "grow", "hard")},
            "sources": [mask.master_id for mask in masks],
            "code_version": settings.VERSION,
        },
    )


@transaction.atomic
def export_start(
    *,
    video: Video,
    masks: Sequence[Mask],
    form: str,
    actor: Actor,
    reading: str = "",
    radius: int = 0,
) -> MaskExport:
    """Queue a file of masks in ``form``; ``reading`` as `reading_of` has it, "" for the masks.

    Raises BadInput, Conflict for masks that are not ready, NoSpace.
    """
    _require(video, masks)
    if form not in FORMS:
        raise BadInput(f"there is no form {form!r}", hint=f"known: {', '.join(FORMS)}")
    if reading and (reading not in READINGS or form not in ("png", "video")):
        raise BadInput(
            f"{form} cannot hold {reading!r}",
            hint=f"{' or '.join(READINGS)} as png or video, nothing for the masks themselves",
        )
    if not 0 <= radius <= MOST_RADIUS:
        raise BadInput(f"a radius of {radius} px cannot be used", hint=f"0 to {MOST_RADIUS}")
    _require_room(video, len(masks))
    export = MaskExport.objects.create(
        video=video,
        form=form,
        masks=[{"id": mask.pk, "name": mask.name, "digest": mask.master_id} for mask in masks],
        reading=reading,
        radius=radius if reading else 0,
        created_by=actor.user,
    )
    job_create(
        project=video.project,
        kind=EXPORT_KIND,
        title=f"Masks of {video.name} as {form}",
        target_id=export.pk,
        actor=actor,
    )
    _audit(video, actor, "export", {"form": form, "reading": reading, "masks": export.masks})
    return export


def export_make(*, export_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Write an export; safe to repeat, half a file is never kept.

    Raises Conflict when a mask has gone or was read another way since, Cancelled.
    """
    export = MaskExport.objects.select_related("video").get(pk=export_id)
    if export.archive_id is not None:
        return
    masks = [export.video.masks.filter(pk=one["id"]).first() for one in export.masks]
    kept = [mask for mask in masks if mask is not None]
    if [mask.master_id for mask in kept] != [one["digest"] for one in export.masks]:
        raise Conflict("the masks have changed since", hint="export them again")
    change = reading_of(export.reading, export.radius) if export.reading in READINGS else None
    with work_folder(f"mask-export-{export.pk}") as folder:
        target = folder / ("masks.json" if export.form == "coco" else "masks")
        masks_export(
            video=export.video,
            masks=kept,
            form=cast(MaskForm, export.form),
            target=target,
            should_stop=should_stop,
            change=change,
        )
        if target.is_dir():
            packed = folder / "masks.zip"
            top = export.video.name
            pack_tree(target, packed, top=top, progress=progress, should_stop=should_stop)
            target = packed
        blob = blob_from_file(target)
    MaskExport.objects.filter(pk=export.pk).update(archive=blob)


def _require(video: Video, masks: Sequence[Mask]) -> None:
    if not 0 < len(masks) <= MOST_TRACKS:
        raise BadInput(f"{len(masks)} masks were chosen", hint=f"choose from 1 to {MOST_TRACKS}")
    for mask in masks:
        if mask.video_id != video.pk:
            raise BadInput(f"{mask.name} is no mask of {video.name}")
        if mask.state != IngestState.READY or mask.master_id is None:
            raise Conflict(f"mask {mask.name} is {mask.state}", hint="wait until it is read")


def _require_room(video: Video, count: int) -> None:
    pixels = (video.width or 0) * (video.height or 0) * (video.frames or 0)
    space_require(project=video.project, needed=count * pixels // 5, purpose=video.name)


def _track(mask: Mask) -> Generator[GrayFrame, None, None]:
    """Yield the mask; of one that holds object numbers, whatever has a number."""
    if mask.master is None:
        raise Conflict(f"mask {mask.name} has no lossless file", hint="read it again")
    with closing(read_gray(blob_path(mask.master))) as frames:
        for frame in frames:
            yield (frame > 0).astype("uint8") * 255 if mask.kind == MaskKind.INDEX else frame


def _written(video: Video, frames: Iterator[GrayFrame], purpose: str) -> Blob:
    size = FrameSize(video.width or 1, video.height or 1)
    with work_folder(purpose) as folder:
        path = folder / "mask.mkv"
        rate = Fraction(video.fps_num or 1, video.fps_den or 1)
        with GrayMasterWriter(path, size, rate) as writer:
            for frame in frames:
                writer.write(frame)
        return blob_from_file(path)


def _audit(video: Video, actor: Actor, verb: str, detail: dict[str, object]) -> None:
    audit(
        actor=actor,
        project=video.project,
        action=f"mask.{verb}",
        target_kind="video",
        target_id=video.pk,
        detail=detail,
    )
