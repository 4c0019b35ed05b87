"""Captions of a video: typed in the page or brought in by a caption file."""

from __future__ import annotations

from django.db import transaction

from datasets_app.domain.captions import (
    CaptionForm,
    Captions,
    caption_name,
    captions_as_dict,
    captions_as_list,
    clean_caption,
    json_bytes,
    parse_captions,
)
from datasets_app.domain.findings import Finding
from datasets_app.models import Caption, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.services.sources.sample_gaps import caption_fill
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput


@transaction.atomic
def caption_set(
    *,
    video: Video,
    length: str,
    text: str,
    actor: Actor,
    origin: str = Caption.Origin.TYPED,
    approved: bool = False,
) -> Caption | None:
    """Write one length of a video's caption; an empty text removes it. Its samples without a
    caption get it.

    Raises BadInput for an unknown length. A text over the limit is kept: the limit is a warning.
    """
    if length not in CaptionLength.values:
        known = ", ".join(CaptionLength.values)
        raise BadInput(f"a caption has no length {length!r}", hint=f"known: {known}")
    clean = clean_caption(text)
    audit(
        actor=actor,
        project=video.project,
        action="video.caption",
        target_kind="video",
        target_id=video.pk,
        detail={"length": length, "text": clean},
    )
    if not clean:
        Caption.objects.filter(video=video, length=length).delete()
        return None
    caption, _ = Caption.objects.update_or_create(
        video=video,
        length=length,
        defaults={
            "text": clean,
            "origin": origin,
            "approved": approved,
            "edited_by": actor.user,
        },
    )
    caption_fill(video=video, text=clean, actor=actor)
    return caption


@transaction.atomic
def captions_set(
    *, video: Video, captions: Captions, actor: Actor, origin: str = Caption.Origin.IMPORTED
) -> None:
    """Write every length that ``captions`` has; lengths that it lacks stay as they are."""
    for length in CaptionLength.values:
        text: str = getattr(captions, length)
        if text:
            caption_set(video=video, length=length, text=text, actor=actor, origin=origin)


def captions_import(
    *, project: Project, data: bytes, filename: str, actor: Actor
) -> tuple[int, list[Finding]]:
    """Write a caption file of either form onto the project's videos, matched by name.

    Returns how many videos were captioned, and what could not be used: malformed entries, captions
    without a video, videos of the same name. Raises BadInput for a file of neither form.
    """
    found = parse_captions(data, name=filename)
    videos: dict[str, list[Video]] = {}
    for video in Video.objects.filter(project=project, archived_at=None).order_by("pk"):
        videos.setdefault(caption_name(video.filename or video.name), []).append(video)
    findings = list(found.findings)
    captioned = 0
    for name, captions in found.entries.items():
        named = videos.get(name, [])
        for video in named:
            captions_set(video=video, captions=captions, actor=actor)
            captioned += 1
        if not named:
            message = f"no video of this project is called {name}"
            findings.append(Finding("caption_orphan", "warning", message, where=name))
    return captioned, findings


def captions_export(*, project: Project, form: CaptionForm) -> bytes:
    """Return the captions of all videos as the bytes of a caption file of that form."""
    rows = Caption.objects.filter(video__project=project, video__archived_at=None)
    texts: dict[str, dict[str, str]] = {}
    for caption in rows.select_related("video"):
        name = caption_name(caption.video.filename or caption.video.name)
        texts.setdefault(name, {})[caption.length] = caption.text
    entries = {name: Captions(**lengths) for name, lengths in texts.items()}
    return json_bytes(captions_as_list(entries) if form == "list" else captions_as_dict(entries))
