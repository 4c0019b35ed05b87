"""The way of a clip of a tree, its masks and its captions into the library."""

from __future__ import annotations

from datasets_app.domain.captions import LENGTHS
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.trees.entries import SourceClip, SourceMask
from datasets_app.models import Caption, Mask, Video
from datasets_app.services.sources.annotations import annotation_store
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import footage_create, video_place
from datasets_app.services.sources.masks import mask_create
from datasets_app.services.trees.import_way import ImportWay
from matteweb.errors import BadInput


def clip_take(way: ImportWay, clip: SourceClip) -> None:
    """Bring in one clip, or find it, and what of its masks and captions is not there yet."""
    video = _video(way, clip)
    way.report.videos.append(video.pk)
    if clip.split and not video.split:
        video_place(video=video, split=clip.split, actor=way.actor)
    for mask in clip.masks:
        with Collecting(way.report.findings, "mask_unusable", mask.name):
            _mask(way, video, mask)
    if clip.tracks is not None:
        _, new = annotation_store(
            video=video,
            tracks=clip.tracks,
            name=clip.name,
            actor=way.actor,
            findings=clip.findings,
        )
        way.report.count("annotations", new)
    for length in LENGTHS if clip.captions else ():
        _caption(way, video, length, getattr(clip.captions, length))


def _video(way: ImportWay, clip: SourceClip) -> Video:
    blob, filename = way.stored(clip.video, clip.name)
    known = Video.objects.filter(
        project=way.project, original=blob, filename=filename, archived_at=None
    )
    found = known.order_by("pk").first()
    if found is not None:
        return found
    made = footage_create(
        project=way.project,
        blob=blob,
        filename=filename,
        actor=way.actor,
        name=clip.name,
        rights=way.rights,
        decisions={"frame_rate": way.fps, "variable_frame_rate": way.fps} if way.fps else {},
    )
    if not isinstance(made, Video):
        raise BadInput(f"{filename} is a still", hint="a clip has more than one frame")
    way.report.count("videos")
    return made


def _mask(way: ImportWay, video: Video, mask: SourceMask) -> None:
    if mask.frames is not None:
        # A mask of the studio has one frame per frame of its video: nothing is made up here.
        message = f"mask {mask.name} covers {len(mask.frames)} of the frames of {video.name}"
        hint = "it is not attached; protocols that begin from it read the folder itself"
        way.report.findings.append(Finding("mask_partial", "note", message, hint, mask.name))
        return
    blob, filename = way.stored(mask.path, f"{video.name}-{mask.name}")
    found = Mask.objects.filter(video=video, name=mask.name, original=blob).first()
    if found is None:
        found = mask_create(
            video=video, blob=blob, filename=filename, actor=way.actor, name=mask.name
        )
        way.report.count("masks")
    way.report.masks.append(found.pk)


def _caption(way: ImportWay, video: Video, length: str, text: str) -> None:
    # What a person has typed since the last import stays.
    if text and not Caption.objects.filter(video=video, length=length).exists():
        origin = Caption.Origin.IMPORTED
        caption_set(video=video, length=length, text=text, actor=way.actor, origin=origin)
        way.report.count("captions")
