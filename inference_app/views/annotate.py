"""Annotate: masks by hand on one video."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.selectors.footage import video_of
from datasets_app.selectors.player import player_of_video
from inference_app.adapters.engine_socket import EngineAway, Message, ask, listen, packed
from inference_app.domain.interactive import ENGINES
from inference_app.models import Interaction, MaskSession
from inference_app.selectors.mask_sessions import (
    frames_of,
    mark_facts,
    mask_session_of,
    newest_session,
    session_facts,
)
from inference_app.services.masks import mask_saving, mask_sessions
from inference_app.services.masks.mask_carrying import carrying_hand_over
from inference_app.views.annotate_requests import CarryGiven, MarkGiven, ObjectGiven, given
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import MatteError, NotFound


@require_safe
@project_page(Role.ANNOTATOR)
def annotate(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show the newest session of a video, or how to begin one; ``?new=1`` asks for another."""
    video = video_of(project, pk)
    context = {
        "video": video,
        "session": None if request.GET.get("new") else newest_session(video),
        "engines": [(one, one.unavailable()) for one in ENGINES],
    }
    return render(request, "annotate/page.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def annotate_start(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Begin a session with the chosen engine."""
    mask_sessions.session_start(
        video=video_of(project, pk),
        actor=page_actor(request),
        engine=request.POST.get("engine") or "scribble",
    )
    return redirect("annotate", project=project.slug, pk=pk)


@require_safe
@project_page(Role.ANNOTATOR)
def annotate_player(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with the picture of a video alone: masks that are being made are drawn by the page."""
    source = player_of_video(video_of(project, pk), project.slug)
    return JsonResponse({**source, "streams": source["streams"][:1]})


@require_safe
@project_page(Role.ANNOTATOR)
def session_state(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with objects, frames, marks and versions."""
    return JsonResponse(session_facts(mask_session_of(project, pk)))


@require_safe
@project_page(Role.ANNOTATOR)
def session_mask(
    request: ProjectRequest, project: Project, pk: int, number: int, frame: int
) -> HttpResponse:
    """Answer with the mask of one object on one frame, as gray PNG."""
    kept = frames_of(mask_session_of(project, pk)).one(number, frame)
    if kept is None:
        raise NotFound(f"frame {frame} has no mask of object {number}")
    try:
        png = kept.path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"the mask of frame {frame} has just changed") from None
    return HttpResponse(png, content_type="image/png", headers={"Cache-Control": "no-store"})


@require_POST
@project_page(Role.ANNOTATOR)
def object_add(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Add an object."""
    session = mask_session_of(project, pk)
    name = given(ObjectGiven, request).name or ""
    mask_sessions.object_add(session=session, actor=page_actor(request), name=name)
    return JsonResponse(session_facts(session))


@require_POST
@project_page(Role.ANNOTATOR)
def object_edit(request: ProjectRequest, project: Project, pk: int, number: int) -> JsonResponse:
    """Rename, recolour, lock, remove an object, or bring a removed one back."""
    session, actor = mask_session_of(project, pk), page_actor(request)
    wish = given(ObjectGiven, request)
    if wish.remove:
        mask_sessions.object_remove(session=session, number=number, actor=actor)
    elif wish.restore:
        mask_sessions.object_restore(session=session, number=number, actor=actor)
    else:
        mask_sessions.object_edit(
            session=session,
            number=number,
            actor=actor,
            name=wish.name,
            colour=wish.colour,
            locked=wish.locked,
        )
    return JsonResponse(session_facts(session))


@require_POST
@project_page(Role.ANNOTATOR)
def interaction_add(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Store one drag and answer with the mask that it makes."""
    session, wish = mask_session_of(project, pk), given(MarkGiven, request)
    made = mask_sessions.interaction_add(
        session=session,
        number=wish.object,
        mark=wish.mark(),
        actor=page_actor(request),
        again=wish.again,
    )
    return JsonResponse(_after(session, made))


@require_POST
@project_page(Role.ANNOTATOR)
def interaction_undo(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Take back the newest drag of this person."""
    session = mask_session_of(project, pk)
    undone = mask_sessions.interaction_undo(session=session, actor=page_actor(request))
    return JsonResponse({} if undone is None else _after(session, undone))


@require_POST
@project_page(Role.ANNOTATOR)
def interaction_redo(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Do again what this person took back last."""
    session = mask_session_of(project, pk)
    redone = mask_sessions.interaction_redo(session=session, actor=page_actor(request))
    return JsonResponse({} if redone is None else _after(session, redone))


@require_POST
@project_page(Role.ANNOTATOR)
def carry_stop(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Stop carrying masks; what is finished stays."""
    session = mask_session_of(project, pk)
    ask(settings.ENGINE_SOCKET, {"do": "stop", "session": session.pk})
    return JsonResponse({})


@require_POST
@project_page(Role.ANNOTATOR)
def session_save(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Save as a new version of masks of the video."""
    session = mask_session_of(project, pk)
    version = mask_saving.masks_save(session=session, actor=page_actor(request))
    return JsonResponse({"version": version.number})


@require_POST
@project_page(Role.ANNOTATOR)
async def carry(request: ProjectRequest, project: Project, pk: int) -> StreamingHttpResponse:
    """Carry masks through the clip and stream each as it is made, in the engine's own framing."""
    session = await sync_to_async(mask_session_of)(project, pk)
    wish = given(CarryGiven, request)
    head = {
        "do": "carry",
        "session": session.pk,
        "frame": wish.frame,
        "objects": wish.objects,
        "user": request.user.pk,
    }
    return StreamingHttpResponse(
        _carried(session, head),
        content_type="application/octet-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _carried(session: MaskSession, head: dict[str, Any]) -> AsyncIterator[bytes]:
    try:
        async for message in listen(settings.ENGINE_SOCKET, head):
            yield packed(message)
    except EngineAway as error:
        # It died in the middle: a job makes what is missing, the person is told.
        job = await sync_to_async(carrying_hand_over)(
            session=session, frame=head["frame"], user=head["user"]
        )
        told = {"error": error.message, "hint": error.hint, "job": job.pk, "done": True}
        yield packed(Message(told))
    except MatteError as error:
        yield packed(Message({"error": error.message, "hint": error.hint, "done": True}))


def _after(session: MaskSession, mark: Interaction) -> dict[str, Any]:
    """Return the mask of the frame as it is now, with the mark that changed it.

    The mark is stored whether the engine answers or not.
    """
    where = {"object": mark.object.number, "frame": mark.frame}
    facts: dict[str, Any] = {**where, "mark": mark_facts(mark), "undone": bool(mark.undone_at)}
    try:
        answer = ask(settings.ENGINE_SOCKET, {"do": "mask", "session": session.pk, **where})
    except EngineAway as error:
        return {**facts, "away": f"{error.message}. {error.hint}"}
    if answer.head.get("superseded"):
        return {**facts, "superseded": True}
    empty = bool(answer.head.get("empty"))
    kept = frames_of(session).one(mark.object.number, mark.frame) if empty else None
    body = answer.body if not empty else kept.path.read_bytes() if kept else b""
    facts["origin"] = "hand" if not empty else "engine" if kept else None
    facts["mask"] = base64.b64encode(body).decode() if body else None
    return facts
