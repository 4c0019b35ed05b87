"""Videos, stills and masks of a project, and the paths of what they are stored in."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from datasets_app.models import Asset, Blob, Mask, Video
from datasets_app.models.video import IngestState
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, NotFound


def videos_of(project: Project) -> QuerySet[Video]:
    """Return the project's videos, newest first, with what a card shows. Three queries."""
    masks = Mask.objects.filter(archived_at=None)
    return (
        Video.objects.filter(project=project, archived_at=None)
        .select_related("original", "poster", "filmstrip")
        .prefetch_related(Prefetch("masks", queryset=masks), "captions")
    )


def stills_of(project: Project) -> QuerySet[Asset]:
    """Return the project's still pictures, newest first."""
    return Asset.objects.filter(project=project, archived_at=None, kind=Asset.Kind.STILL)


def video_of(project: Project, video_id: int) -> Video:
    """Return one video. Raises NotFound when it is not this project's."""
    video = videos_of(project).filter(pk=video_id).first()
    if video is None:
        raise NotFound(f"there is no video {video_id} in {project.name}")
    return video


def video_named(project: Project, given: str) -> Video:
    """Return one video by its name or number. Raises NotFound, BadInput for a name of several."""
    rows = videos_of(project)
    found = list(rows.filter(pk=int(given)) if given.isdecimal() else rows.filter(name=given))
    if not found:
        raise NotFound(f"there is no video {given!r} in {project.name}")
    if len(found) > 1:
        raise BadInput(f"{len(found)} videos are called {given!r}", hint="give its number")
    return found[0]


def still_of(project: Project, still_id: int) -> Asset:
    """Return one still picture. Raises NotFound when it is not this project's."""
    still = stills_of(project).filter(pk=still_id).first()
    if still is None:
        raise NotFound(f"there is no still {still_id} in {project.name}")
    return still


def mask_of(project: Project, mask_id: int) -> Mask:
    """Return one mask. Raises NotFound when it is not this project's."""
    mask = (
        Mask.objects.filter(pk=mask_id, video__project=project, archived_at=None)
        .select_related("video")
        .first()
    )
    if mask is None:
        raise NotFound(f"there is no mask {mask_id} in {project.name}")
    return mask


def same_bytes_as(video: Video) -> Video | None:
    """Return the oldest other video of this project with the same original."""
    return (
        Video.objects.filter(project=video.project, original=video.original, archived_at=None)
        .exclude(pk=video.pk)
        .filter(Q(pk__lt=video.pk))
        .order_by("pk")
        .first()
    )


def usable_videos(project: Project) -> QuerySet[Video]:
    """Return what a recipe may draw on: ready, not archived, not withdrawn; ready masks only."""
    masks = Mask.objects.filter(archived_at=None, state=IngestState.READY).select_related(
        "master", "planning"
    )
    return (
        Video.objects.filter(
            project=project, archived_at=None, withdrawn_at=None, state=IngestState.READY
        )
        .select_related("original", "master")
        .prefetch_related(Prefetch("masks", queryset=masks), "captions")
        .order_by("pk")
    )


def usable_assets(project: Project) -> QuerySet[Asset]:
    """Return what a recipe may draw on besides videos: ready, not archived, withdrawn or left
    out, with its layers."""
    return (
        Asset.objects.filter(
            project=project,
            archived_at=None,
            withdrawn_at=None,
            excluded="",
            state=IngestState.READY,
        )
        .select_related("original", "master")
        .prefetch_related("layers")
        .order_by("pk")
    )


def frames_blob(source: Video | Asset) -> Blob:
    """Return the blob to decode: the lossless master, else the untouched upload."""
    blob = source.master or source.original
    if blob is None:
        raise NotFound(f"{source.noun} {source.name} has no stored frames")
    return blob
