"""What becomes of a file that arrived in the browser: decided by its purpose alone."""

from __future__ import annotations

from typing import Any

from datasets_app.models import Blob, Upload, Video
from datasets_app.services.footage import Rights, footage_create
from datasets_app.services.masks import mask_create
from matteweb.accounts.actor import Actor
from matteweb.errors import NotFound


def upload_dispatch(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    """Make the video, still or mask that the upload was for; return {"kind", "id"}.

    Raises what the service of the purpose raises; the caller writes it onto the upload.
    """
    if upload.purpose.get("kind") == "mask":
        return _mask(upload, blob, actor)
    footage = footage_create(
        project=upload.project,
        blob=blob,
        filename=upload.filename,
        actor=actor,
        rights=Rights(
            licence=upload.purpose.get("licence", ""),
            attribution=upload.purpose.get("attribution", ""),
        ),
    )
    return {"kind": "video" if isinstance(footage, Video) else "asset", "id": footage.pk}


def _mask(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    number = upload.purpose.get("video")
    video = Video.objects.filter(project=upload.project, pk=number, archived_at=None).first()
    if video is None:
        raise NotFound(f"the video of mask {upload.filename} is gone")
    mask = mask_create(
        video=video,
        blob=blob,
        filename=upload.filename,
        actor=actor,
        name=upload.purpose.get("name", ""),
    )
    return {"kind": "mask", "id": mask.pk}
