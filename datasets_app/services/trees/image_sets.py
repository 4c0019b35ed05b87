"""Image sets: brought in as a tree, or cut out of annotated videos; reviewed picture by picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from django.db import transaction
from PIL import Image

from datasets_app.domain.annotation.cutting import Annotated, Cut, CutParams, plan_cuts, render_cuts
from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.picture_file import (
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.trees.entries import LabelledPicture
from datasets_app.domain.trees.portable import stays_inside
from datasets_app.models import Annotation, Blob, ImageSet, SetPicture
from datasets_app.models.sample import ReviewState
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.blobs import blob_from_bytes, blob_from_file, blob_path
from datasets_app.services.sources.annotations import annotation_rule, annotation_tracks
from datasets_app.services.sources.footage import media_limits
from datasets_app.services.space import space_require
from datasets_app.services.trees.import_way import ImportWay
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

CUT_KIND = "image_set_cut"


def picture_take(way: ImportWay, one: LabelledPicture) -> None:
    """Bring in one labelled picture, or find it; its set is made when its first one comes.

    Raises BadInput when it or its mask cannot be read to the end, Conflict for other bytes.
    """
    max_side = media_limits().max_side
    header = read_picture_header(one.picture, one.name, max_side)
    # A header may be whole where the pixels are not, and nothing reads them later.
    read_picture_rgb(one.picture, one.name, max_side)
    if one.mask:
        read_picture_gray(one.mask, one.mask.name, max_side)
    needed = one.picture.stat().st_size
    space_require(project=way.project, needed=needed, purpose=one.name)
    stored = blob_from_file(one.picture, move=False)
    mask = blob_from_file(one.mask, move=False) if one.mask else None
    found, made = ImageSet.objects.get_or_create(
        project=way.project,
        name=one.image_set,
        defaults={
            "licence": way.rights.licence,
            "attribution": way.rights.attribution,
            "created_by": way.actor.user,
        },
    )
    if made:
        way.report.count("image_sets")
        _audit_set(found, way.actor, "add", {"name": found.name})
    if found.pk not in way.report.image_sets:
        way.report.image_sets.append(found.pk)
    row, new = SetPicture.objects.get_or_create(
        image_set=found,
        split=one.split,
        label=one.label,
        name=one.name,
        defaults={
            "picture": stored,
            "mask": mask,
            "width": header.size.width,
            "height": header.size.height,
            "origin": dict(one.origin),
        },
    )
    if not new and row.picture_id != stored.digest:
        raise Conflict(
            f"{one.name} is in {found.name} already, with other bytes", hint="give it another name"
        )
    way.report.count("pictures", new)


@transaction.atomic
def image_set_start(
    *,
    project: Project,
    name: str,
    annotations: Sequence[Annotation],
    params: CutParams,
    actor: Actor,
) -> tuple[ImageSet, Job]:
    """Make an empty set and queue the cutting of its pictures.

    Raises BadInput without a name, without annotations or when nothing would be cut, Conflict when
    the name is taken or a video is not ready.
    """
    name = name.strip()
    if not name or len(name) > 120 or "/" in name or not stays_inside(name):
        raise BadInput(f"{name!r} cannot name an image set", hint="up to 120 characters, no '/'")
    if ImageSet.objects.filter(project=project, name=name).exists():
        raise Conflict(f"there is an image set {name!r} already", hint="choose another name")
    if not plan_cuts([_annotated(one) for one in annotations], params):
        raise BadInput(
            "these labels give no picture to cut",
            hint="make at least one label an object, or take more frames",
        )
    recipe = {
        "params": params.model_dump(mode="json"),
        "annotations": [one.pk for one in annotations],
        "digests": [one.original_id for one in annotations],
        "mappings": [one.mapping for one in annotations],
    }
    made = ImageSet.objects.create(
        project=project,
        name=name,
        recipe=recipe,
        licence=_shared({one.video.licence for one in annotations}),
        attribution="\n".join(sorted({one.video.attribution for one in annotations} - {""})),
        created_by=actor.user,
    )
    job = job_create(
        project=project,
        kind=CUT_KIND,
        title=f"Cut image set {name}",
        target_id=made.pk,
        actor=actor,
    )
    _audit_set(made, actor, "cut", recipe)
    return made, job


def image_set_cut(*, image_set_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Cut what is not there yet; safe to repeat after a kill. Progress counts pictures.

    Raises BadInput when a video or its annotation is gone, Cancelled: what is cut stays.
    """
    found = ImageSet.objects.select_related("project").get(pk=image_set_id)
    params = CutParams.model_validate(found.recipe["params"])
    rows = Annotation.objects.select_related("video", "original").in_bulk(
        found.recipe["annotations"]
    )
    videos: dict[str, Annotation] = {}
    for pk, mapping in zip(found.recipe["annotations"], found.recipe["mappings"], strict=True):
        if pk not in rows:
            raise BadInput(f"an annotation of {found.name} was deleted", hint="cut a new set")
        # As it was when the set was asked for.
        rows[pk].mapping = mapping
        videos[_video_key(rows[pk])] = rows[pk]
    cuts = plan_cuts([_annotated(one) for one in videos.values()], params)
    there = set(found.pictures.values_list("split", "label", "name"))
    done = len(there)
    for key, row in videos.items():
        missing = [
            cut
            for cut in cuts
            if cut.video == key and (cut.split, cut.label, cut.name) not in there
        ]
        frames = read_rgb(blob_path(frames_blob(row.video)))
        for cut, picture, mask in render_cuts(frames, missing, should_stop):
            _keep(found, cut, picture, mask, row)
            done += 1
            progress(done, len(cuts))
    progress(len(cuts), len(cuts))


@transaction.atomic
def pictures_judge(
    *, image_set: ImageSet, pictures: Sequence[int], act: str, label: str, actor: Actor
) -> int:
    """Accept, reject or reopen pictures, or put them under another ``label``; return how many.

    Raises BadInput for another act, an empty label, or a label that the training side may not have.
    """
    chosen = image_set.pictures.filter(pk__in=pictures)
    verdicts = {
        "accept": ReviewState.ACCEPTED,
        "reject": ReviewState.REJECTED,
        "reopen": ReviewState.PENDING,
    }
    if act in verdicts:
        count = chosen.update(review=verdicts[act], reviewed_by=actor.user)
    elif act == "label":
        label = label.strip()[:80]
        if not label or "/" in label or not stays_inside(label):
            raise BadInput("a picture needs a class", hint="a word without '/'")
        count = chosen.update(label=label, reviewed_by=actor.user)
    else:
        raise BadInput(f"pictures cannot be {act!r}", hint="accept, reject, reopen or label")
    _audit_set(image_set, actor, act, {"pictures": count, "label": label})
    return count


def _annotated(row: Annotation) -> Annotated:
    video = row.video
    if video.state != IngestState.READY:
        raise Conflict(
            f"video {video.name} is not ready: {video.get_state_display().lower()}",
            hint="wait until it is ready",
        )
    return Annotated(
        _video_key(row),
        annotation_tracks(row),
        annotation_rule(row),
        video.frames or 0,
        FrameSize(video.width or 1, video.height or 1),
    )


def _video_key(row: Annotation) -> str:
    """Return what names of pictures say of their video; unique in the project."""
    return f"{row.video.name}-{row.video_id}"


def _keep(
    found: ImageSet, cut: Cut, picture: AnyFrame, mask: AnyFrame | None, row: Annotation
) -> None:
    origin: dict[str, Any] = {
        "video": row.video.name,
        "frame": str(cut.frame),
        "digest": row.video.original_id or "",
        **({} if cut.track is None else {"track": str(cut.track)}),
        **({} if cut.edges is None else {"box": " ".join(map(str, cut.edges))}),
    }
    SetPicture.objects.get_or_create(
        image_set=found,
        split=cut.split,
        label=cut.label,
        name=cut.name,
        defaults={
            "picture": _png(picture),
            "mask": None if mask is None or not mask.any() else _png(mask),
            "width": picture.shape[1],
            "height": picture.shape[0],
            "origin": origin,
        },
    )


def _png(picture: AnyFrame) -> Blob:
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(out, "PNG", compress_level=3)
    return blob_from_bytes(out.getvalue())


def _shared(values: set[str]) -> str:
    return values.pop() if len(values) == 1 else " AND ".join(sorted(filter(None, values)))[:80]


def _audit_set(row: ImageSet, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=row.project,
        action=f"image_set.{verb}",
        target_kind="image_set",
        target_id=row.pk,
        detail=detail,
    )
