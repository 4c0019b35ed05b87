"""Engines for masks measured as a job, over a folder of this server or masks of a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
from django.conf import settings
from django.db import transaction

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.trees.entries import SourceClip, SourceMask
from datasets_app.models import Blob, Mask
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.blobs import blob_from_bytes, blob_path
from inference_app.domain.evaluation.mask_protocols import (
    Outcome,
    known_engines,
    measured,
    require_known,
)
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import clips_in, kinds_for_training, sequence_of
from inference_app.models import MaskEvaluation, MeasuredClip
from inference_app.models.mask_evaluation import MASK_EVALUATION_KIND
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.services import job_create

_QUALITY = 85


@transaction.atomic
def evaluation_start(
    *,
    project: Project,
    name: str,
    engines: Sequence[str],
    protocols: Sequence[str],
    folder: str = "",
    masks: Sequence[Mask] = (),
    actor: Actor,
) -> MaskEvaluation:
    """Start measuring on a ``folder`` below ``EVALUATION_DIR``, or on videos with their ``masks``,
    which are taken for the truth: one per object.

    Raises BadInput for a folder, protocol or engine that there is not, or nothing to measure,
    Conflict for masks that are not ready.
    """
    require_known(protocols, engines)
    if not protocols or not engines:
        raise BadInput("nothing was chosen to measure", hint="choose a protocol and an engine")
    source = source_of(folder, masks)
    known = known_engines()
    made = MaskEvaluation.objects.create(
        project=project,
        name=name.strip()[:120] or (folder or "Masks"),
        source=source,
        engines={slug: known[slug].info.version for slug in engines},
        protocols=list(protocols),
        created_by=actor.user,
    )
    job_create(
        project=project,
        kind=MASK_EVALUATION_KIND,
        title=f"Engines on {made.name}",
        target_id=made.pk,
        actor=actor,
    )
    audit(
        actor=actor,
        project=project,
        action="mask_evaluation.start",
        target_kind="mask_evaluation",
        target_id=made.pk,
        detail={"source": source, "engines": list(engines), "protocols": list(protocols)},
    )
    return made


def evaluation_make(*, evaluation_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Measure what is not measured yet; safe to repeat after a kill, which costs one clip.

    Raises BadInput when the clips cannot be read, Conflict when a mask has changed, Cancelled.
    """
    row = MaskEvaluation.objects.get(pk=evaluation_id)
    clips = clips_of_source(row.source)
    done = set(row.clips.values_list("protocol", "engine", "clip"))
    pairs = [(name, engine) for name in row.protocols for engine in row.engines]
    total, kinds, known = len(clips) * len(pairs), kinds_for_training(clips), known_engines()
    flow = settings.FLOW_DIR / f"evaluation-{row.pk}"
    for number, clip in enumerate(clips):
        sequence: Clip | None = None
        for place, (name, engine) in enumerate(pairs):
            if should_stop():
                raise Cancelled("measuring was stopped")
            if (name, engine, clip.name) not in done:
                sequence = sequence or sequence_of(clip, kinds)
                found = measured(sequence, name, known[engine], flow, should_stop)
                if found is not None:
                    _keep(row, name, engine, clip.name, found)
            progress(number * len(pairs) + place + 1, total)


def _keep(row: MaskEvaluation, name: str, engine: str, clip: str, found: Outcome) -> None:
    plain = asdict(found)
    MeasuredClip.objects.create(
        evaluation=row,
        protocol=name,
        engine=engine,
        clip=clip,
        figures=plain["figures"],
        curve=plain["curve"],
        worst=plain["worst"],
        picture=None if found.picture is None else _jpeg(found.picture),
    )


def _jpeg(picture: RgbFrame) -> Blob:
    shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"a picture of {picture.shape} could not be encoded")
    return blob_from_bytes(data.tobytes())


def _place(folder: str) -> Path:
    """Return the folder of that name. Raises BadInput for one outside of the place for them."""
    root = Path(settings.EVALUATION_DIR)
    place = root / folder
    if not place.is_dir() or place.resolve().parent != root.resolve():
        raise BadInput(f"there is no folder {folder!r} in {root}", hint="copy the clips there")
    return place


def source_of(folder: str, masks: Sequence[Mask]) -> dict[str, Any]:
    """Return clips with true masks as a row keeps them: a folder of this server, or masks.

    Raises BadInput for both or neither, a folder that there is not or that holds no clips,
    Conflict for masks that are not ready.
    """
    if bool(folder) == bool(masks):
        raise BadInput("choose either a folder or masks")
    if folder:
        clips_in(_place(folder))
    return {"folder": folder} if folder else {"masks": _facts(masks)}


def clips_of_source(source: Mapping[str, Any]) -> list[SourceClip]:
    """Return the clips of what `source_of` gave. Raises BadInput, Conflict."""
    if "folder" in source:
        return clips_in(_place(source["folder"]))
    return list(_stored(source["masks"]))


def _stored(facts: Sequence[Mapping[str, Any]]) -> Iterator[SourceClip]:
    """Yield the videos of the masks that were chosen, as clips. Raises Conflict."""
    rows = Mask.objects.select_related("video", "master").in_bulk([one["id"] for one in facts])
    videos: dict[int, list[Mask]] = {}
    for one in facts:
        mask = rows.get(one["id"])
        if mask is None or mask.master is None or mask.master_id != one["digest"]:
            raise Conflict("a mask has changed since", hint="start it anew")
        videos.setdefault(mask.video_id, []).append(mask)
    for pk, masks in sorted(videos.items()):
        blob = frames_blob(masks[0].video)
        if blob is None:
            raise Conflict(f"{masks[0].video.name} has no file any more")
        named = [SourceMask(mask.name, blob_path(mask.master)) for mask in masks if mask.master]
        yield SourceClip(f"{masks[0].video.name} {pk}", blob_path(blob), tuple(named))


def _facts(masks: Sequence[Mask]) -> list[dict[str, Any]]:
    for mask in masks:
        if mask.state != IngestState.READY or mask.master_id is None:
            raise Conflict(f"mask {mask.name} is {mask.state}", hint="wait until it is read")
        if mask.kind == MaskKind.INDEX:
            raise BadInput(
                f"{mask.name} holds several objects", hint="choose the masks of the objects"
            )
    return [{"id": m.pk, "video": m.video_id, "digest": m.master_id} for m in masks]
