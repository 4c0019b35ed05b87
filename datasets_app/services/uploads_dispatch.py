"""What becomes of a file that arrived in the browser: decided by its purpose, and for a ZIP by
whether a whole tree lies in it."""

from __future__ import annotations

from typing import Any

from datasets_app.domain.archives.tree_archive import holds_tree
from datasets_app.models import Asset, Blob, Upload, Video
from datasets_app.services.assets import asset_create, asset_matte
from datasets_app.services.blobs import blob_path
from datasets_app.services.footage import Rights, footage_create
from datasets_app.services.imports import folder_import_start
from datasets_app.services.mask_files import mask_json_blob
from datasets_app.services.masks import mask_create
from matteweb.accounts.actor import Actor
from matteweb.errors import NotFound


def upload_dispatch(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    """Make the video, still, mask or import job that the upload was for; return {"kind", "id"}.

    Raises what the service of the purpose raises; the caller writes it onto the upload.
    """
    if upload.purpose.get("kind") == "mask":
        return _mask(upload, blob, actor)
    if upload.purpose.get("kind") == "matte":
        return _matte(upload, blob, actor)
    rights = Rights(
        licence=upload.purpose.get("licence", ""),
        attribution=upload.purpose.get("attribution", ""),
    )
    if upload.filename.lower().endswith(".zip") and holds_tree(blob_path(blob)):
        job = folder_import_start(
            project=upload.project,
            archive=blob,
            filename=upload.filename,
            rights=rights,
            actor=actor,
        )
        return {"kind": "import", "id": job.pk}
    if upload.purpose.get("kind") in ("foreground", "background"):
        asset = asset_create(
            project=upload.project,
            colour=blob,
            filename=upload.filename,
            background=upload.purpose["kind"] == "background",
            actor=actor,
            rights=rights,
        )
        return {"kind": "asset", "id": asset.pk}
    footage = footage_create(
        project=upload.project, blob=blob, filename=upload.filename, actor=actor, rights=rights
    )
    return {"kind": "video" if isinstance(footage, Video) else "asset", "id": footage.pk}


def _matte(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    number = upload.purpose.get("asset")
    asset = Asset.objects.filter(project=upload.project, pk=number, archived_at=None).first()
    if asset is None:
        raise NotFound(f"the foreground of matte {upload.filename} is gone")
    asset_matte(asset=asset, alpha=blob, filename=upload.filename, actor=actor)
    return {"kind": "asset", "id": asset.pk}


def _mask(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    number = upload.purpose.get("video")
    video = Video.objects.filter(project=upload.project, pk=number, archived_at=None).first()
    if video is None:
        raise NotFound(f"the video of mask {upload.filename} is gone")
    if upload.filename.lower().endswith(".json"):
        blob = mask_json_blob(blob_path(blob), video=video, name=upload.filename)
    mask = mask_create(
        video=video,
        blob=blob,
        filename=upload.filename,
        actor=actor,
        name=upload.purpose.get("name", ""),
    )
    return {"kind": "mask", "id": mask.pk}
