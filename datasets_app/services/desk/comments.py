"""Comments on a frame, a range or a region: said, resolved, opened again; never rewritten."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from datasets_app.models import Comment, Sample
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict

MAX_LENGTH = 4000


def comment_add(
    *,
    sample: Sample,
    text: str,
    actor: Actor,
    frames: tuple[int, int] | None = None,
    region: Sequence[int] | None = None,
) -> Comment:
    """Say something about a sample; ``frames`` is an inclusive range, ``region`` [left, top,
    width, height] in pixels of the picture.

    Raises BadInput for no text, too much of it, or a place outside the sample.
    """
    text = text.strip()
    if not text:
        raise BadInput("a comment needs words")
    if len(text) > MAX_LENGTH:
        raise BadInput(f"the comment has {len(text)} characters", hint=f"at most {MAX_LENGTH}")
    if actor.user is None:
        raise BadInput("a comment needs an author")
    check_frames(sample, frames)
    _check_region(sample, region)
    with transaction.atomic():
        made = Comment.objects.create(
            sample=sample,
            author=actor.user,
            text=text,
            first_frame=frames[0] if frames else None,
            last_frame=frames[1] if frames else None,
            region=list(region) if region else None,
        )
        _audit(made, "add", actor, {"frames": frames, "region": region})
    return made


def comment_resolve(*, comment: Comment, resolved: bool, actor: Actor) -> Comment:
    """Mark a comment as settled, or open it again. Raises Conflict when it is so already."""
    at = timezone.now() if resolved else None
    with transaction.atomic():
        open_or_not = Comment.objects.filter(pk=comment.pk, resolved_at__isnull=resolved)
        who = actor.user if resolved else None
        if open_or_not.update(resolved_at=at, resolved_by=who) != 1:
            raise Conflict("this comment is " + ("resolved" if resolved else "open") + " already")
        _audit(comment, "resolve" if resolved else "reopen", actor, {})
    comment.refresh_from_db()
    return comment


def check_frames(sample: Sample, frames: tuple[int, int] | None) -> None:
    """Raise BadInput for a range of frames that the sample does not have."""
    if frames is None:
        return
    first, last = frames
    if not 0 <= first <= last < (sample.frames or 0):
        raise BadInput(
            f"frames {first} to {last} are not in {sample.name}",
            hint=f"it has frames 0 to {(sample.frames or 0) - 1}",
        )


def _check_region(sample: Sample, region: Sequence[int] | None) -> None:
    if region is None:
        return
    if len(region) != 4:
        raise BadInput("a region is left, top, width and height in pixels")
    left, top, width, height = region
    inside = left >= 0 and top >= 0 and width >= 1 and height >= 1
    fits = left + width <= (sample.width or 0) and top + height <= (sample.height or 0)
    if not inside or not fits:
        raise BadInput(
            f"the region {left}, {top}, {width}x{height} is not in {sample.name}",
            hint=f"its picture has {sample.width}x{sample.height} pixels",
        )


def _audit(comment: Comment, verb: str, actor: Actor, detail: dict[str, object]) -> None:
    audit(
        actor=actor,
        project=comment.sample.project,
        action=f"comment.{verb}",
        target_kind="comment",
        target_id=comment.pk,
        detail={"sample": comment.sample_id} | detail,
    )
