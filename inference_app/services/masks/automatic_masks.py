"""Masks without a hand: asked for over one or many videos, made by jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file
from datasets_app.services.sources.mask_files import numbers_blob
from datasets_app.services.sources.masks import mask_create
from datasets_app.services.space import space_require
from inference_app.domain.automatic import MAKERS
from inference_app.domain.automatic.base import ClipFile, MakerParams, MaskMaker, TellsApart
from inference_app.domain.automatic.objects import numbered
from inference_app.selectors.automatic_masks import MAKE_KIND, mask_name
from inference_app.services.masks.mask_work import clip_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

MOST_VIDEOS: Final = 1000
_LEAST_SHARE, _LEAST_SECONDS = 0.0005, 0.2


def make_start(
    *,
    project: Project,
    videos: Sequence[Video],
    maker_slug: str,
    params: Mapping[str, Any],
    per_object: bool = False,
    actor: Actor,
) -> list[Job]:
    """Queue a job per video. ``per_object``: a mask of object numbers instead of one of everything.

    Raises BadInput for parameters out of bounds or no videos, Conflict for a video that is not
    ready or a maker that cannot run here, NoSpace.
    """
    maker = MAKERS[maker_slug]
    if reason := maker.unavailable():
        raise Conflict(f"{maker.info.label} cannot run here: {reason}")
    chosen = params_of(maker, params)
    if not 0 < len(videos) <= MOST_VIDEOS:
        raise BadInput(
            f"{len(videos)} videos were chosen", hint=f"choose from 1 to {MOST_VIDEOS} at once"
        )
    for video in videos:
        if video.state != IngestState.READY:
            raise Conflict(f"{video.name} is {video.state}", hint="wait until it is ready")
    pixels = sum((v.width or 0) * (v.height or 0) * (v.frames or 0) for v in videos)
    space_require(project=project, needed=pixels // 4, purpose=maker.info.label)
    wish = {
        "maker": maker.info.slug,
        "version": maker.info.version,
        "params": chosen.model_dump(mode="json"),
        "per_object": per_object,
    }
    with transaction.atomic():
        jobs = [
            job_create(
                project=project,
                kind=MAKE_KIND,
                title=f"{maker.info.label} of {video.name}",
                target_id=video.pk,
                params=wish,
                actor=actor,
            )
            for video in videos
        ]
        audit(
            actor=actor,
            project=project,
            action="mask.make",
            target_kind="video",
            target_id=videos[0].pk,
            detail={**wish, "videos": [video.pk for video in videos]},
        )
    return jobs


def params_of(maker: MaskMaker, params: Mapping[str, Any]) -> MakerParams:
    """Return checked parameters. Raises BadInput, naming each wrong one."""
    try:
        return maker.params.model_validate(dict(params))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise BadInput(f"{maker.info.label}: {wrong}", hint="see the limits of its form") from error


def mask_make(*, job_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Make the mask that a job asks for; safe to repeat after a kill, which begins anew.

    Raises BadInput when the clip does not show what the maker looks for.
    """
    job = Job.objects.select_related("project", "created_by").get(pk=job_id)
    video = Video.objects.select_related("master", "original").get(pk=job.target_id or 0)
    maker = MAKERS[job.params["maker"]]
    name = mask_name(maker.info.label, job.pk)
    if Mask.objects.filter(video=video, name=name).exists():
        return
    clip = clip_of(video)
    file = ClipFile(clip.path, clip.frames, clip.size, video.name)
    params = params_of(maker, job.params["params"])
    numbers = bool(job.params["per_object"])
    with work_folder(f"mask-make-{job.pk}") as folder:
        path = folder / "mask.mkv"
        rate = Fraction(video.fps_num or 1, video.fps_den or 1)
        if numbers and isinstance(maker, TellsApart):
            found = maker.numbered(file, params, progress, should_stop)
            blob = numbers_blob(found, _numbers_name(job.pk))
        else:
            with GrayMasterWriter(path, clip.size, rate) as writer:
                for mask in maker.make(file, params, progress, should_stop):
                    writer.write(mask)
            blob = (
                _numbers(job.pk, path, file, float(rate), should_stop)
                if numbers
                else blob_from_file(path)
            )
    source = video.master or video.original
    mask_create(
        video=video,
        blob=blob,
        filename=f"{maker.info.slug}.{'zip' if numbers else 'mkv'}",
        actor=Actor(job.created_by, AuditEntry.Channel.JOB),
        name=name,
        wish={} if numbers else {"kind": MaskKind.ALPHA, "polarity": "white"},
        made_from={
            "by": maker.info.slug,
            "version": maker.info.version,
            "params": job.params["params"],
            "per_object": numbers,
            "sources": [source.digest] if source else [],
            "weights": maker.provenance(),
            "code_version": settings.VERSION,
        },
    )


def _numbers(job_id: int, path: Path, clip: ClipFile, rate: float, should_stop: ShouldStop) -> Blob:
    def masks() -> Iterator[GrayFrame]:
        with closing(read_gray(path)) as frames:
            for frame in frames:
                if should_stop():
                    raise Cancelled("telling objects apart was stopped")
                yield frame

    least = max(1, round(_LEAST_SHARE * clip.size.width * clip.size.height))
    lasting = min(clip.frames, max(2, round(_LEAST_SECONDS * rate)))
    found = numbered(masks, least_frames=lasting, least_pixels=least)
    return numbers_blob(found, _numbers_name(job_id))


def _numbers_name(job_id: int) -> str:
    return f"mask-make-numbers-{job_id}"
