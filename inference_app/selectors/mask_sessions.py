"""Reads of masks by hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from datasets_app.models import Video
from inference_app.adapters.mask_frames import MaskFrames
from inference_app.models import Interaction, MaskObject, MaskSession
from matteweb.accounts.models import Project
from matteweb.errors import NotFound


def mask_session_of(project: Project, pk: int) -> MaskSession:
    """Return one session. Raises NotFound when it is not this project's."""
    found = (
        MaskSession.objects.filter(pk=pk, video__project=project, video__archived_at=None)
        .select_related("video__project", "video__master", "video__original")
        .first()
    )
    if found is None:
        raise NotFound(f"there is no mask session {pk} in {project.name}")
    return found


def newest_session(video: Video) -> MaskSession | None:
    """Return the session that was begun last on the video."""
    return MaskSession.objects.filter(video=video).first()


def objects_of(session: MaskSession) -> QuerySet[MaskObject]:
    """Return the objects that were not removed."""
    return session.mask_objects.filter(removed_at=None)


def object_of(session: MaskSession, number: int) -> MaskObject:
    """Return one object that was not removed. Raises NotFound."""
    found = objects_of(session).filter(number=number).first()
    if found is None:
        raise NotFound(f"{session.name} has no object {number}")
    return found


def live_interactions(session: MaskSession) -> QuerySet[Interaction]:
    """Return what counts, oldest first: of objects that are there, and not undone."""
    return session.interactions.filter(undone_at=None, object__removed_at=None).select_related(
        "object"
    )


def frames_of(session: MaskSession) -> MaskFrames:
    """Return the masks of the session on disk."""
    return MaskFrames(settings.MASK_DIR / str(session.pk))


def session_facts(session: MaskSession) -> dict[str, Any]:
    """Return what the page shows: objects, what each frame has, marks, versions."""
    frames = frames_of(session)
    objects = []
    for one in objects_of(session):
        kept = frames.kept(one.number).values()
        objects.append(
            {
                "number": one.number,
                "name": one.name,
                "colour": one.colour,
                "locked": one.locked,
                "frames": [[k.frame, k.origin, k.sure] for k in sorted(kept, key=_frame)],
            }
        )
    last_undone = session.interactions.exclude(undone_at=None).filter(dropped=False).exists()
    live = live_interactions(session)
    return {
        "id": session.pk,
        "name": session.name,
        "engine": session.engine,
        "objects": objects,
        "marks": [mark_facts(mark) for mark in live],
        "undo": live.exists(),
        "redo": last_undone,
        "versions": [
            {"number": version.number, "masks": [mask.name for mask in version.masks.all()]}
            for version in session.versions.prefetch_related("masks")
        ],
    }


def mark_facts(mark: Interaction) -> dict[str, Any]:
    """Return one interaction as the page draws it."""
    return {
        "id": mark.pk,
        "object": mark.object.number,
        "frame": mark.frame,
        "kind": mark.kind,
        "positive": mark.positive,
        "points": mark.points,
        "radius": mark.radius,
        "author": mark.author_id,
    }


def _frame(kept: Any) -> int:
    return int(kept.frame)
