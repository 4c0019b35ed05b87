"""Masks by hand as rows: sessions, objects, what was drawn, undo and redo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from datasets_app.models import Video
from datasets_app.models.video import IngestState
from inference_app.domain.interactive import ENGINES
from inference_app.models import Interaction, InteractionKind, MaskObject, MaskSession
from inference_app.selectors.mask_sessions import frames_of, live_interactions, object_of
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict, NotFound
from matteweb.jobs.services import job_create

COLOURS: Final = 12
MOST_OBJECTS: Final = 64
_MOST_POINTS: Final = 20_000
_LARGEST_RADIUS: Final = 2_000
_NEEDED_POINTS: Final = {
    InteractionKind.CLICK: 1,
    InteractionKind.SCRIBBLE: 1,
    InteractionKind.BOX: 2,
    InteractionKind.OUTLINE: 3,
    InteractionKind.BRUSH: 1,
    InteractionKind.FILL: 0,
    InteractionKind.COPY: 0,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What was drawn in one drag; see `Interaction` for units."""

    frame: int
    kind: str
    positive: bool = True
    points: Sequence[Sequence[float]] = ()
    pressure: Sequence[float] = ()
    radius: float = 3
    soft: float = 0
    source_frame: int | None = None


def session_start(*, video: Video, actor: Actor, engine: str = "scribble") -> MaskSession:
    """Begin to work on a video, with a first object.

    Raises Conflict while the video is not ready or when the engine cannot run here, BadInput for an
    engine that there is not.
    """
    if video.state != IngestState.READY:
        raise Conflict(f"{video.name} is {video.state}", hint="wait until it is ready")
    chosen = ENGINES[engine]
    if reason := chosen.unavailable():
        raise Conflict(f"{chosen.info.label} cannot run here: {reason}")
    with transaction.atomic():
        count = MaskSession.objects.filter(video=video).count()
        session = MaskSession.objects.create(
            video=video,
            name=f"Masks {count + 1}",
            engine=chosen.info.slug,
            created_by=actor.user,
        )
        _audit(session, actor, "start", {"video": video.pk})
        # Masks travel twice as fast when the motion of the clip is ready.
        job_create(
            project=video.project,
            kind="mask_flow",
            title=f"Motion of {video.name}",
            target_id=session.pk,
            actor=actor,
        )
        object_add(session=session, actor=actor)
    return session


@transaction.atomic
def object_add(*, session: MaskSession, actor: Actor, name: str = "") -> MaskObject:
    """Add an object with the next number; numbers are never used twice. Raises Conflict at 64."""
    MaskSession.objects.select_for_update().get(pk=session.pk)
    number = (session.mask_objects.aggregate(top=Max("number"))["top"] or 0) + 1
    if number > MOST_OBJECTS:
        raise Conflict(
            f"{session.name} has had {MOST_OBJECTS} objects", hint="begin a second session"
        )
    made = MaskObject.objects.create(
        session=session,
        number=number,
        name=(name.strip() or f"Object {number}")[:80],
        colour=(number - 1) % COLOURS,
    )
    _audit(session, actor, "object_add", {"object": number})
    return made


@transaction.atomic
def object_edit(
    *,
    session: MaskSession,
    number: int,
    actor: Actor,
    name: str | None = None,
    colour: int | None = None,
    locked: bool | None = None,
) -> MaskObject:
    """Rename, recolour or lock an object."""
    found = object_of(session, number)
    if name is not None:
        found.name = name.strip()[:80] or found.name
    if colour is not None:
        found.colour = colour % COLOURS
    if locked is not None:
        found.locked = locked
    found.save(update_fields=["name", "colour", "locked"])
    detail = {"object": number, "name": found.name, "locked": found.locked}
    _audit(session, actor, "object_edit", detail)
    return found


@transaction.atomic
def object_restore(*, session: MaskSession, number: int, actor: Actor) -> MaskObject:
    """Bring a removed object back, with all that was drawn of it. Raises NotFound."""
    found = session.mask_objects.filter(number=number).first()
    if found is None:
        raise NotFound(f"{session.name} has no object {number}")
    found.removed_at = None
    found.save(update_fields=["removed_at"])
    _audit(session, actor, "object_restore", {"object": number})
    return found


@transaction.atomic
def object_remove(*, session: MaskSession, number: int, actor: Actor) -> None:
    """Take an object away; what was drawn of it stays as rows."""
    found = object_of(session, number)
    found.removed_at = timezone.now()
    found.save(update_fields=["removed_at"])
    _audit(session, actor, "object_remove", {"object": number})


def interaction_add(
    *, session: MaskSession, number: int, mark: Mark, actor: Actor, again: bool = False
) -> Interaction:
    """Store one drag. What had been undone can no longer be done again.

    ``again``: whoever sends it got no answer the first time; if it is what this person did last,
    it has arrived and is not stored twice.

    Raises BadInput for a frame, kind or points that make no sense, Conflict for a locked object.
    """
    _check(session, mark)
    found = object_of(session, number)
    if found.locked:
        raise Conflict(f"{found.name} is locked", hint="unlock it in the list of objects")
    if again:
        newest = live_interactions(session).filter(author=actor.user).last()
        if newest is not None and _is(newest, number, mark):
            return newest
    before = _before(session, number, mark.frame)
    with transaction.atomic():
        session.interactions.filter(author=actor.user).exclude(undone_at=None).update(dropped=True)
        return Interaction.objects.create(
            session=session, object=found, before=before, author=actor.user, **_as_stored(mark)
        )


@transaction.atomic
def interaction_undo(*, session: MaskSession, actor: Actor) -> Interaction | None:
    """Take back the newest thing that this person did; None when there is nothing.

    What somebody else drew meanwhile stays.
    """
    newest = live_interactions(session).filter(author=actor.user).last()
    if newest is not None:
        newest.undone_at = timezone.now()
        newest.save(update_fields=["undone_at"])
    return newest


@transaction.atomic
def interaction_redo(*, session: MaskSession, actor: Actor) -> Interaction | None:
    """Do again what this person undid last; None when there is nothing."""
    undone = (
        session.interactions.filter(author=actor.user, dropped=False, object__removed_at=None)
        .exclude(undone_at=None)
        .select_related("object")
        .order_by("id")
        .first()
    )
    if undone is not None:
        undone.undone_at = None
        undone.save(update_fields=["undone_at"])
    return undone


def _as_stored(mark: Mark) -> dict[str, Any]:
    """Return the fields of a row that say what was drawn, rounded."""
    points = [[round(float(x), 2), round(float(y), 2)] for x, y in mark.points]
    pressure = [round(float(value), 3) for value in mark.pressure]
    return asdict(mark) | {"points": points, "pressure": pressure}


def _is(row: Interaction, number: int, mark: Mark) -> bool:
    drawn = _as_stored(mark)
    return row.object.number == number and drawn == {name: getattr(row, name) for name in drawn}


def _check(session: MaskSession, mark: Mark) -> None:
    frames = session.video.frames or 0
    numbers = [value for point in mark.points for value in point] + [mark.radius, mark.soft]
    if mark.kind not in InteractionKind.values:
        known = ", ".join(InteractionKind.values)
        raise BadInput(f"there is no mark of kind {mark.kind!r}", hint=f"known: {known}")
    for frame in (mark.frame, mark.source_frame):
        if frame is not None and not 0 <= frame < frames:
            raise BadInput(f"there is no frame {frame}", hint=f"the video has {frames} frames")
    if mark.kind == InteractionKind.COPY and mark.source_frame is None:
        raise BadInput("a copy needs the frame that it is taken from")
    if any(len(point) != 2 for point in mark.points) or not all(map(math.isfinite, numbers)):
        raise BadInput("points are pairs of numbers", hint="send [[x, y], ...] in pixels")
    least = _NEEDED_POINTS[InteractionKind(mark.kind)]
    if not least <= len(mark.points) <= _MOST_POINTS:
        raise BadInput(
            f"a mark of kind {mark.kind} has {len(mark.points)} points",
            hint=f"from {least} to {_MOST_POINTS} are possible",
        )
    if not 0 < mark.radius <= _LARGEST_RADIUS or not 0 <= mark.soft <= 1:
        raise BadInput(
            f"a radius of {mark.radius} with a soft share of {mark.soft} cannot be drawn",
            hint=f"radius up to {_LARGEST_RADIUS} px, soft share 0 to 1",
        )


def _before(session: MaskSession, number: int, frame: int) -> bytes:
    """Return what the engine had made of the frame, when this is its first mark."""
    place = session.interactions.filter(object__number=number, frame=frame)
    first = place.order_by("id").first()
    kept = frames_of(session).one(number, frame)
    if kept is None or kept.origin == "hand":
        return bytes(first.before) if first is not None else b""
    try:
        return kept.path.read_bytes()
    except FileNotFoundError:
        return b""  # replaced a moment ago by a mark of somebody else


def _audit(session: MaskSession, actor: Actor, verb: str, detail: dict[str, object]) -> None:
    audit(
        actor=actor,
        project=session.video.project,
        action=f"mask_session.{verb}",
        target_kind="mask_session",
        target_id=session.pk,
        detail=detail,
    )
