"""What becomes of a file that arrived in the browser: decided by its purpose, and for a ZIP by
whether a whole tree lies in it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from datasets_app.domain.annotation.cvat_xml import read_cvat
from datasets_app.domain.archives.tree_archive import holds_tree
from datasets_app.domain.findings import Finding
from datasets_app.models import Asset, Blob, Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.annotations import annotation_findings, annotation_store
from datasets_app.services.sources.assets import asset_create, asset_matte
from datasets_app.services.sources.footage import Rights, footage_create
from datasets_app.services.sources.mask_files import mask_json_blob
from datasets_app.services.sources.masks import mask_create
from datasets_app.services.trees.imports import folder_import_start
from matteweb.accounts.actor import Actor
from matteweb.errors import NotFound
from matteweb.jobs.context import Again


def upload_dispatch(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    """Make the video, still, mask or import job that the upload was for; return {"kind", "id"},
    and the "findings" of annotations that have some.

    Raises what the service of the purpose raises; the caller writes it onto the upload. Raises
    Again while the video that annotations belong to is on its way.
    """
    if upload.purpose.get("kind") == "mask":
        return _mask(upload, blob, actor)
    if upload.purpose.get("kind") == "matte":
        return _matte(upload, blob, actor)
    if upload.filename.lower().endswith(".xml"):
        return _annotation(upload, blob, actor)
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
    if upload.purpose.get("kind") in ("foreground", "background", "scene"):
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


def _annotation(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
    """Give tracks to the video whose file has the same stem, which may still be on its way."""
    stem = PurePosixPath(upload.filename).stem
    videos = Video.objects.filter(project=upload.project, archived_at=None).order_by("-pk")
    named = (row for row in videos.filter(filename__startswith=f"{stem}."))
    video = next((row for row in named if PurePosixPath(row.filename).stem == stem), None)
    if video is None:
        coming = Upload.objects.filter(
            project=upload.project,
            filename__startswith=f"{stem}.",
            state__in=[UploadState.RECEIVING, UploadState.RECEIVED],
        )
        if any(not one.filename.lower().endswith(".xml") for one in coming.exclude(pk=upload.pk)):
            raise Again
        raise NotFound(
            f"{upload.filename} belongs to no video: there is none called {stem}",
            hint=f"send {stem}.avi, {stem}.mp4 or another video too, then try again",
        )
    findings: list[Finding] = []
    tracks = read_cvat(blob_path(blob), findings, name=upload.filename)
    row, _ = annotation_store(video=video, tracks=tracks, name=stem, actor=actor, findings=findings)
    told = [finding.as_json() for finding in annotation_findings(row, tracks)]
    return {"kind": "annotation", "id": row.pk, **({"findings": told} if told else {})}


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
