"""Models: what there is to run, what it lacks, what was run."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inference_app.selectors.model_cards import maskless_labels, model_cards, runnable_cards
from inference_app.selectors.model_runs import run_standing, runs_of, stills_to_run, videos_to_run
from inference_app.selectors.trainings import checkpoints_of
from inference_app.services.runs.still_clips import still_clip_create
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_number, row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

SHOWN = 20
"""Runs of one page."""

SIZES = (1920, 1280, 960, 640)
"""Longer sides that the form offers for a network to work at."""


@require_safe
@project_page(Role.VIEWER)
def models_page(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show every predictor, the form that starts a run, and the newest runs."""
    maskless = maskless_labels()
    videos = videos_to_run(project, maskless=bool(maskless))
    page = Paginator(runs_of(project), SHOWN).get_page(request.GET.get("page"))
    context = {
        "cards": model_cards(),
        "runnable": runnable_cards(),
        "checkpoints": [
            (f"{one.plan['network']}:{one.pk}", one.name) for one in checkpoints_of(project)
        ],
        "maskless": maskless,
        "videos": videos,
        "ticked": _ticked(request, [mask.pk for _, masks in videos for mask in masks]),
        "chosen": request.GET.get("predictor", ""),
        "runs": [run_standing(run) for run in page],
        "page": page,
        "sizes": SIZES,
        "stills": stills_to_run(project),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "models/page.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def stills(request: ProjectRequest, project: Project) -> HttpResponse:
    """Make a clip of the chosen stills and show it."""
    made = still_clip_create(
        project=project,
        stills=stills_to_run(project, row_numbers(request.POST.getlist("still"))),
        name=request.POST.get("name", ""),
        actor=page_actor(request),
    )
    return redirect("video", project=project.slug, pk=made.pk)


def _ticked(request: ProjectRequest, masks: list[int]) -> int:
    """Return the mask that the query names, else the only one, 0 where there are several."""
    if asked := request.GET.get("mask", ""):
        return row_number(asked)
    return masks[0] if len(masks) == 1 else 0
