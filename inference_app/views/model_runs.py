"""One run of a predictor: started, watched while it is made, stopped, resumed, taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.domain.byte_range import Unsatisfiable, parse_range
from datasets_app.models import Mask, Video
from datasets_app.selectors.footage import video_of
from inference_app.models import ModelRun
from inference_app.selectors.model_runs import (
    live_file,
    player_of_run,
    run_file,
    run_of,
    run_standing,
    runs_beside,
)
from inference_app.selectors.run_deliveries import delivery_standings
from inference_app.selectors.trainings import training_of
from inference_app.services.runs import model_runs
from inference_app.services.runs.run_leftovers import run_pieces_watch
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_number, whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

_TYPES = {
    "delivery": "video/mp4",
    "index": "application/json",
    "master": "video/x-matroska",
    "deep": "video/x-matroska",
}
_SAVED = {"master": "foreground", "deep": "16 bit"}


@require_POST
@project_page(Role.ANNOTATOR)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start a run over each chosen video, or the video of each chosen mask; show it or them."""
    slug, _, checkpoint = request.POST.get("predictor", "").partition(":")
    runs = model_runs.runs_create(
        chosen=[_chosen(project, raw) for raw in request.POST.getlist("mask")],
        predictor_slug=slug,
        training=training_of(project, row_number(checkpoint)) if checkpoint else None,
        longest=whole_number(request.POST.get("longest", "")) or 0,
        actor=page_actor(request),
    )
    if len(runs) > 1:
        return redirect("models", project=project.slug)
    return redirect("model-run", project=project.slug, pk=runs[0].pk)


@require_safe
@project_page(Role.VIEWER)
def run_page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show a run, live while it is made."""
    context = _context(request, run_of(project, pk))
    return render(request, "models/run.html", context | {"frame": _frame(request)})


@require_safe
@project_page(Role.VIEWER)
def run_part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far a run is; asked again while it lives."""
    return _part(request, project, pk)


@require_safe
@project_page(Role.VIEWER)
def run_player(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with the layers of a run: the finished part while it is made.

    ``beside`` in the query adds the alpha of another run over the same video.
    """
    run = run_of(project, pk)
    return JsonResponse(player_of_run(run, project.slug, _beside(request, run)))


@require_safe
@project_page(Role.VIEWER)
def run_live(request: ProjectRequest, project: Project, pk: int, layer: str) -> HttpResponse:
    """Answer with bytes of a growing layer. What its index names never changes."""
    run = run_of(project, pk)
    path = live_file(run, layer)
    run_pieces_watch(run=run)
    return _bytes_of(path, request.headers.get("Range", ""))


@require_safe
@project_page(Role.VIEWER)
def run_bytes(request: ProjectRequest, project: Project, pk: int, what: str) -> HttpResponseBase:
    """Answer with the stored foreground, or with the alpha or depth in 16 bits."""
    run = run_of(project, pk)
    name = f"{run.video.name} {_SAVED[what]}.mkv" if what in _SAVED else None
    return ranged_response(request, run_file(run, what), _TYPES.get(what, ""), name)


@require_POST
@project_page(Role.ANNOTATOR)
def run_stop(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Stop a run; what is finished stays."""
    model_runs.run_stop(run=run_of(project, pk), actor=page_actor(request))
    return _part(request, project, pk)


@require_POST
@project_page(Role.ANNOTATOR)
def run_resume(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Go on with a stopped or failed run."""
    model_runs.run_resume(run=run_of(project, pk), actor=page_actor(request))
    return _part(request, project, pk)


@require_POST
@project_page(Role.LEAD)
def run_delete(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Remove a run; its alpha stays with the video."""
    model_runs.run_delete(run=run_of(project, pk), actor=page_actor(request))
    return redirect("models", project=project.slug)


def _chosen(project: Project, raw: str) -> tuple[Video, Mask | None]:
    """Return what the form names: a mask by its number, or a video alone as ``video:<number>``."""
    kind, sign, number = raw.rpartition(":")
    if sign and kind == "video":
        return video_of(project, row_number(number)), None
    mask = Mask.objects.filter(pk=row_number(raw), video__project=project)
    guiding = mask.select_related("video").first()
    if guiding is None:
        raise BadInput("no mask was chosen", hint="choose a video with a mask")
    return video_of(project, guiding.video_id), guiding


def _frame(request: ProjectRequest) -> str:
    """Return the frame to show first that the query names, "" for none."""
    number = whole_number(request.GET.get("frame", ""))
    return "" if number is None else str(number)


def _beside(request: ProjectRequest, run: ModelRun) -> ModelRun | None:
    """Return the run that the query names, if it is one over the same video."""
    asked = request.GET.get("beside", "")
    return next((one for one in runs_beside(run) if str(one.pk) == asked), None)


def _part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far a run is, and with what can be done with its result once it is there."""
    context = _context(request, run_of(project, pk))
    return render(request, "models/_standing.html", context | {"swapped": True})


def _context(request: ProjectRequest, run: ModelRun) -> dict[str, Any]:
    standing = run_standing(run)
    forms = delivery_standings(run) if standing.whole and standing.found == "alpha" else []
    return {
        "standing": standing,
        "others": runs_beside(run) if standing.whole else [],
        "beside": _beside(request, run),
        "forms": forms,
        "writing": any(one.live for one in forms),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
        "may_lead": request.role.rank >= Role.LEAD.rank,
    }


def _bytes_of(path: Path, asked: str) -> HttpResponse:
    size = path.stat().st_size
    try:
        wanted = parse_range(asked, size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with path.open("rb") as file:
        file.seek(wanted.start if wanted else 0)
        data = file.read(wanted.stop - wanted.start if wanted else size)
    answer = HttpResponse(data, content_type="video/mp4", status=206 if wanted else 200)
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-store"
    if wanted:
        answer["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return answer
