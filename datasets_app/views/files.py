"""Bytes of objects, and what the player is told of them."""

from __future__ import annotations

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.selectors.files import object_file
from datasets_app.selectors.footage import video_of
from datasets_app.selectors.player import player_of_sample, player_of_video
from datasets_app.selectors.samples import sample_of
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, project_page


@require_safe
@project_page(Role.VIEWER)
def stream_file(
    request: ProjectRequest, project: Project, kind: str, pk: int, what: str
) -> HttpResponseBase:
    """Answer with a delivery, index, poster, filmstrip, master or original."""
    found = object_file(project, kind, pk, what)
    return ranged_response(request, found.blob, found.media_type, found.filename)


@require_safe
@project_page(Role.VIEWER)
def sample_player(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with the layers of a sample."""
    return JsonResponse(player_of_sample(sample_of(project, pk), project.slug))


@require_safe
@project_page(Role.VIEWER)
def video_player(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with a video and its masks."""
    return JsonResponse(player_of_video(video_of(project, pk), project.slug))
