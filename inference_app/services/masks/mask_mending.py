"""A mask of a video is opened for mending by hand: what it shows is what the engine found."""

from __future__ import annotations

from contextlib import closing

import cv2
import numpy as np
from django.db import transaction

from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Mask
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_path
from inference_app.adapters.mask_frames import mask_png
from inference_app.models import MaskSession
from inference_app.selectors.mask_sessions import frames_of
from inference_app.services.masks.mask_sessions import object_edit, session_start
from inference_app.services.masks.mask_work import clip_of
from matteweb.accounts.actor import Actor
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.services import job_create


@transaction.atomic
def mending_start(*, mask: Mask, actor: Actor) -> MaskSession:
    """Begin a session whose first object is the mask; a job brings its frames in.

    The mask itself stays as it is: saving makes a new one. Raises Conflict while it is not ready,
    BadInput for a mask of several objects.
    """
    if mask.state != IngestState.READY or mask.master_id is None:
        raise Conflict(f"mask {mask.name} is {mask.state}", hint="wait until it is read")
    if mask.kind == MaskKind.INDEX:
        raise BadInput(f"{mask.name} holds several objects", hint="mend the mask of one of them")
    session = session_start(video=mask.video, actor=actor)
    object_edit(session=session, number=1, actor=actor, name=mask.name)
    job_create(
        project=mask.video.project,
        kind="mask_open",
        title=f"Open {mask.name} of {mask.video.name}",
        target_id=session.pk,
        params={"mask": mask.pk, "digest": mask.master_id},
        actor=actor,
    )
    return session


def mending_open(
    *, session_id: int, mask_id: int, progress: Progress, should_stop: ShouldStop
) -> None:
    """Bring the frames of a mask in, as small as the engine works; safe to repeat.

    A frame that somebody has drawn on meanwhile stays as drawn. Raises Conflict when the mask has
    gone, Cancelled.
    """
    session = MaskSession.objects.select_related("video").get(pk=session_id)
    mask = Mask.objects.filter(pk=mask_id, video=session.video).select_related("master").first()
    if mask is None or mask.master is None:
        raise Conflict("the mask to mend has gone", hint="choose another")
    clip, frames = clip_of(session.video), frames_of(session)
    size = clip.pictures().size
    with closing(read_gray(blob_path(mask.master))) as planes:
        for frame, plane in enumerate(planes):
            if should_stop():
                raise Cancelled("opening the mask was stopped")
            if frames.one(1, frame) is None:
                small = cv2.resize(plane, (size.width, size.height), interpolation=cv2.INTER_AREA)
                png = mask_png(small.astype(np.float32) / 255)
                frames.write(1, frame, png, origin="engine", sure=1)
            progress(frame + 1, clip.frames)
