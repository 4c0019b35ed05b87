"""Models: what there is to run, what it lacks, what was run."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inference_app.selectors.model_cards import maskless_labels, model_cards, runnable_cards
from inference_app.selectors.model_runs import run_standing, runs_of, stills_to_run, videos_to_run
from inference_app.selectors.trainings import checkpoints_of
from inference_app.services.runs.still_clips import still_clip_create
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

NEWEST = 20

SIZES = (1920, 1280, 960, 640)
"""Longer sides that the form offers for a network to work at."""


@require_safe
@project_page(Role.VIEWER)
def models_page(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show every predictor, the form that starts a run, and the newest runs."""
    maskless = maskless_labels()
    context = {
        "cards": model_cards(),
        "runnable": runnable_cards(),
        "checkpoints": checkpoints_of(project),
        "maskless": maskless,
        "videos": videos_to_run(project, maskless=bool(maskless)),
        "chosen": request.GET.get("predictor", ""),
        "runs": [run_standing(run) for run in runs_of(project)[:NEWEST]],
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
