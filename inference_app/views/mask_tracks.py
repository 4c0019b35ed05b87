"""Mask tracks of a video: what there is, masks made of masks, files for other tools."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.models import Mask, Video
from datasets_app.selectors.footage import mask_of, video_of
from datasets_app.services.sources.mask_files import FORMS
from inference_app.domain.mask_tracks import COMBININGS, MOST_RADIUS, READINGS
from inference_app.selectors.mask_tracks import (
    combining_jobs,
    export_file,
    export_of,
    export_standings,
    tracks_numbered,
    tracks_of,
)
from inference_app.services.masks.mask_mending import mending_start
from inference_app.services.masks.mask_tracks import Combination, export_start, masks_combine
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput


@require_safe
@project_page(Role.VIEWER)
def tracks(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show the tracks of a video with what can be done to them."""
    video = video_of(project, pk)
    exports, jobs = export_standings(video), combining_jobs(video)
    context = {
        "video": video,
        "tracks": tracks_of(video),
        "exports": exports,
        "combining": jobs,
        "moving": bool(jobs) or any(one.live for one in exports),
        "forms": FORMS,
        "readings": READINGS,
        "combinings": COMBININGS,
        "most_radius": MOST_RADIUS,
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "masks/tracks.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def combine(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Queue a mask made of the chosen ones."""
    video, posted = video_of(project, pk), request.POST
    wish = Combination(
        name=posted.get("name", ""),
        how=posted.get("how", "union"),
        grow=_whole(posted.get("grow", ""), "the pixels to grow by"),
        hard="hard" in posted,
    )
    masks_combine(video=video, masks=_chosen(request, video), wish=wish, actor=page_actor(request))
    return redirect("mask-tracks", project=project.slug, pk=pk)


@require_POST
@project_page(Role.ANNOTATOR)
def export(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Queue a file of the chosen masks."""
    video = video_of(project, pk)
    export_start(
        video=video,
        masks=_chosen(request, video),
        form=request.POST.get("form", ""),
        reading=request.POST.get("reading", ""),
        radius=_whole(request.POST.get("radius", ""), "the radius"),
        actor=page_actor(request),
    )
    return redirect("mask-tracks", project=project.slug, pk=pk)


@require_POST
@project_page(Role.ANNOTATOR)
def mend(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Open a mask for mending by hand."""
    session = mending_start(mask=mask_of(project, pk), actor=page_actor(request))
    return redirect("annotate", project=project.slug, pk=session.video_id)


@require_safe
@project_page(Role.VIEWER)
def export_bytes(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with a written file."""
    return ranged_response(request, *export_file(export_of(project, pk)))


def _chosen(request: ProjectRequest, video: Video) -> list[Mask]:
    return tracks_numbered(video, row_numbers(request.POST.getlist("mask")))


def _whole(text: str, what: str) -> int:
    try:
        return int(text or 0)
    except ValueError:
        raise BadInput(f"{what}: {text!r} is no whole number") from None
