"""Fusion networks: started, watched, taken away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from inference_app.selectors.fusion_trainings import (
    finished_fusions,
    fusion_standings,
    fusion_training_of,
    fusion_weights,
)
from inference_app.selectors.mask_evaluations import (
    evaluation_folders,
    masks_chosen,
    measurable_masks,
)
from inference_app.services.masks.fusion_trainings import (
    EVERY,
    fusion_training_create,
    fusion_training_delete,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import required_number, row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the trainings, and the form that starts one."""
    context = _standings(request, project) | {
        "finished": finished_fusions(project),
        "folders": evaluation_folders(),
        "root": settings.EVALUATION_DIR,
        "masks": measurable_masks(project),
        "every": EVERY,
    }
    return render(request, "masks/fusion.html", context)


@require_safe
@project_page(Role.VIEWER)
def part(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer with how far the trainings are; asked again while one lives."""
    return render(request, "masks/_fusions.html", _standings(request, project))


@require_POST
@project_page(Role.LEAD)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start a training and show it."""
    given = request.POST
    init = given.get("init", "")
    values = {"stage": required_number(given.get("stage") or "0", "stage")}
    if given.get("steps"):
        values["steps"] = required_number(given["steps"], "steps")
    fusion_training_create(
        project=project,
        name=given.get("name", ""),
        values=values,
        init=fusion_training_of(project, required_number(init, "init")) if init else None,
        painted=required_number(given.get("painted") or "0", "painted"),
        folder=given.get("folder", ""),
        masks=masks_chosen(project, row_numbers(given.getlist("mask"))),
        actor=page_actor(request),
    )
    return redirect("fusion-trainings", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def delete(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Remove a training with its weights."""
    fusion_training_delete(training=fusion_training_of(project, pk), actor=page_actor(request))
    return redirect("fusion-trainings", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def weights(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the weights as a file."""
    found = fusion_training_of(project, pk)
    kind = "application/octet-stream"
    return ranged_response(request, fusion_weights(found), kind, f"{found.name}.safetensors")


def _standings(request: ProjectRequest, project: Project) -> dict[str, Any]:
    standings = fusion_standings(project)
    return {
        "standings": standings,
        "live": any(one.live for one in standings),
        "may_train": request.role.rank >= Role.LEAD.rank,
    }
