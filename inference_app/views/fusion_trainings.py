"""Fusion networks: started, watched, taken away."""

from __future__ import annotations

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
from inference_app.services.masks.fusion_trainings import EVERY, fusion_training_create
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers, whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the trainings, and the form that starts one."""
    standings = fusion_standings(project)
    context = {
        "standings": standings,
        "live": any(one.live for one in standings),
        "finished": finished_fusions(project),
        "folders": evaluation_folders(),
        "root": settings.EVALUATION_DIR,
        "masks": measurable_masks(project),
        "every": EVERY,
        "may_train": request.role.rank >= Role.LEAD.rank,
    }
    return render(request, "masks/fusion.html", context)


@require_POST
@project_page(Role.LEAD)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start a training and show it."""
    given = request.POST
    init = given.get("init", "")
    values = {"stage": _number(given.get("stage") or "0", "stage")}
    if given.get("steps"):
        values["steps"] = _number(given["steps"], "steps")
    fusion_training_create(
        project=project,
        name=given.get("name", ""),
        values=values,
        init=fusion_training_of(project, _number(init, "init")) if init else None,
        painted=_number(given.get("painted") or "0", "painted"),
        folder=given.get("folder", ""),
        masks=masks_chosen(project, row_numbers(given.getlist("mask"))),
        actor=page_actor(request),
    )
    return redirect("fusion-trainings", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def weights(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the weights as a file."""
    found = fusion_training_of(project, pk)
    kind = "application/octet-stream"
    return ranged_response(request, fusion_weights(found), kind, f"{found.name}.safetensors")


def _number(raw: str, field: str) -> int:
    number = whole_number(raw)
    if number is None:
        raise BadInput(f"{field}: {raw[:40]!r} is no number that can be used")
    return number
