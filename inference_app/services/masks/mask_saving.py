"""Masks by hand become masks of the video: a new version each time, nothing is overwritten."""

from __future__ import annotations

from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Mask
from datasets_app.services.blobs import blob_from_file
from datasets_app.services.sources.masks import mask_create
from inference_app.adapters.mask_frames import KeptFrame, png_mask
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.edges import guided
from inference_app.models import MaskSession, MaskVersion
from inference_app.selectors.mask_sessions import frames_of, live_interactions, objects_of
from inference_app.services.masks.mask_work import clip_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from matteweb.accounts.services import audit
from matteweb.errors import Cancelled, Conflict
from matteweb.jobs.services import job_create

_GUIDE_RADIUS, _GUIDE_EPSILON = 4, 1e-4


@transaction.atomic
def masks_save(*, session: MaskSession, actor: Actor) -> MaskVersion:
    """Begin a new version and queue its writing. Raises Conflict when there is no mask yet."""
    MaskSession.objects.select_for_update().get(pk=session.pk)
    frames = frames_of(session)
    objects = [one for one in objects_of(session) if frames.kept(one.number)]
    if not objects:
        raise Conflict(f"{session.name} has no mask yet", hint="mark an object first")
    newest = live_interactions(session).last()
    version = MaskVersion.objects.create(
        session=session,
        number=session.versions.count() + 1,
        provenance={
            "engine": session.engine,
            "engine_version": ENGINES[session.engine].info.version,
            "code_version": settings.VERSION,
            "interactions": newest.pk if newest else None,
            "objects": [one.number for one in objects],
        },
        created_by=actor.user,
    )
    job_create(
        project=session.video.project,
        kind="mask_save",
        title=f"Save masks of {session.video.name}, version {version.number}",
        target_id=version.pk,
        actor=actor,
    )
    audit(
        actor=actor,
        project=session.video.project,
        action="mask_session.save",
        target_kind="mask_session",
        target_id=session.pk,
        detail={"version": version.number},
    )
    return version


def version_write(*, version_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Write one soft mask per object, at the size of the video; safe to repeat after a kill.

    A frame without a mask is empty. What is drawn meanwhile may or may not be in it.
    """
    version = MaskVersion.objects.select_related("session__video__project", "created_by").get(
        pk=version_id
    )
    session = version.session
    actor = Actor(version.created_by, AuditEntry.Channel.JOB)
    numbers = version.provenance["objects"]
    if weights := ENGINES[session.engine].provenance():
        # Read here, since a digest of large weights takes longer than a request may.
        version.provenance = version.provenance | {"weights": weights}
        version.save(update_fields=["provenance"])
    names = dict(session.mask_objects.values_list("number", "name"))
    total = len(numbers) * (session.video.frames or 0)
    for place, number in enumerate(numbers):
        name = f"{names[number]} s{session.pk} v{version.number}"
        mask = Mask.objects.filter(video=session.video, name=name).first()
        if mask is None:
            begun = place * (session.video.frames or 0)

            def written(done: int, _: int | None, begun: int = begun) -> None:
                progress(begun + done, total)

            mask = _stored(session, number, name, actor, written, should_stop)
        version.masks.add(mask)


def _stored(
    session: MaskSession,
    number: int,
    name: str,
    actor: Actor,
    progress: Progress,
    should_stop: ShouldStop,
) -> Mask:
    with work_folder(f"masks-{session.pk}-{number}") as folder:
        path = folder / "mask.mkv"
        _write(session, number, path, progress, should_stop)
        blob = blob_from_file(path)
    wish = {"kind": "alpha", "polarity": "white"}
    return mask_create(
        video=session.video, blob=blob, filename=f"{name}.mkv", actor=actor, name=name, wish=wish
    )


def _write(
    session: MaskSession, number: int, path: Path, progress: Progress, should_stop: ShouldStop
) -> None:
    video, kept = session.video, frames_of(session).kept(number)
    clip = clip_of(video)
    rate = Fraction(video.fps_num or 1, video.fps_den or 1)
    small = clip.pictures().size != clip.size
    pictures = read_rgb(clip.path) if small else ()
    with GrayMasterWriter(path, clip.size, rate) as writer:
        for frame, picture in zip_longest(range(clip.frames), pictures):
            if frame is None:
                break
            if should_stop():
                raise Cancelled("saving masks was stopped")
            writer.write(_gray(kept.get(frame), clip.size, picture))
            progress(frame + 1, clip.frames)


def _gray(kept: KeptFrame | None, size: FrameSize, picture: RgbFrame | None) -> GrayFrame:
    """Return the mask at the size of the video; enlarged along the edges of the picture."""
    if kept is None:
        return np.zeros((size.height, size.width), np.uint8)
    mask = png_mask(kept.path.read_bytes())
    if picture is not None and mask.any():
        large = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
        mask = np.clip(guided(picture, large, _GUIDE_RADIUS, _GUIDE_EPSILON), 0, 1)
    return np.round(mask * 255).astype(np.uint8)
