"""Bytes of objects, and what the player is told of them."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.adapters.stored_frames import frame_reader
from datasets_app.selectors.files import object_file
from datasets_app.selectors.footage import video_of
from datasets_app.selectors.player import footage_named, player_of_sample, player_of_video
from datasets_app.selectors.samples import sample_of
from datasets_app.selectors.stored_frames import (
    StoredStream,
    stored_stream,
    stored_streams_of_sample,
    stored_streams_of_video,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import required_number
from matteweb.accounts.web import ProjectRequest, project_page
from matteweb.errors import NotFound

_MOST = 10**9
"""No frame and no place of one has a larger number."""


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


@require_safe
@project_page(Role.VIEWER)
def footage(request: ProjectRequest, project: Project) -> JsonResponse:
    """Answer with what has ``?q=`` in its name and may lie behind an object."""
    return JsonResponse({"footage": footage_named(project, request.GET.get("q", "").strip())})


@require_safe
@project_page(Role.VIEWER)
def stored_frame(
    request: ProjectRequest, project: Project, kind: str, pk: int, frame: int
) -> HttpResponse:
    """Answer with one frame as it is stored, as PNG."""
    stream = stored_stream(project, kind, pk)
    if frame >= stream.frames:
        raise NotFound(f"{stream.name} has {stream.frames} frames, there is no frame {frame}")
    response = HttpResponse(frame_reader().picture(stream.file, frame), content_type="image/png")
    # The address carries the digest of what it was made from.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
@project_page(Role.VIEWER)
def sample_values(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with what every layer of a sample has stored at ``?frame=&x=&y=``."""
    return answer_values(request, stored_streams_of_sample(sample_of(project, pk)))


@require_safe
@project_page(Role.VIEWER)
def video_values(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with what a video and its masks have stored at ``?frame=&x=&y=``."""
    return answer_values(request, stored_streams_of_video(video_of(project, pk)))


def answer_values(request: ProjectRequest, streams: list[StoredStream]) -> JsonResponse:
    """Answer with what each stream has stored at the frame and place of the query."""
    frame, x, y = (
        required_number(request.GET.get(name, ""), name, _MOST) for name in ("frame", "x", "y")
    )
    values = frame_reader().values([stream.file for stream in streams], frame, x, y)
    layers = [
        {"name": stream.name, "kind": stream.kind, "value": value, "from": stream.origin}
        for stream, value in zip(streams, values, strict=True)
    ]
    return JsonResponse({"frame": frame, "x": x, "y": y, "layers": layers})
