"""Trainings: started, watched, stopped, resumed, and the weights that come of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.selectors.bundles import bundle_of
from inference_app.domain.training.presets import PRESETS
from inference_app.selectors.trainings import (
    frozen_bundles,
    training_file,
    training_of,
    training_standing,
    trainings_of,
)
from inference_app.services.learning import trainings
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import LARGEST
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

_TYPES = {"weights": "application/octet-stream", "sheet": "image/png"}


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the trainings and the form that starts one."""
    context = {
        "trainings": [training_standing(one) for one in trainings_of(project)],
        "presets": PRESETS.values(),
        "bundles": frozen_bundles(project),
        "may_train": request.role.rank >= Role.LEAD.rank,
    }
    return render(request, "models/trainings.html", context)


@require_POST
@project_page(Role.LEAD)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start a training and show it."""
    values: dict[str, Any] = {}
    for field in ("steps", "patience", "seed"):
        if raw := request.POST.get(field, "").strip():
            values[field] = _number(field, raw)
    bundles = [
        (bundle_of(project, name), _number(name, request.POST.get(f"weight-{name}", "1")))
        for name in request.POST.getlist("bundle")
    ]
    painted = _number("painted", request.POST.get("painted", "0") or "0")
    made = trainings.training_create(
        project=project,
        name=request.POST.get("name", ""),
        preset=request.POST.get("preset", ""),
        values=values,
        painted=painted,
        bundles=bundles,
        actor=page_actor(request),
    )
    return redirect("training", project=project.slug, pk=made.pk)


@require_safe
@project_page(Role.VIEWER)
def page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one training, live while it learns."""
    return render(request, "models/training.html", _context(request, project, pk))


@require_safe
@project_page(Role.VIEWER)
def part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far it is; asked again while it lives."""
    return render(request, "models/_training.html", _context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def stop(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Stop it where it stands."""
    trainings.training_stop(training=training_of(project, pk), actor=page_actor(request))
    return render(request, "models/_training.html", _context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def resume(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Go on exactly where it stopped."""
    trainings.training_resume(training=training_of(project, pk), actor=page_actor(request))
    return render(request, "models/_training.html", _context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def delete(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Remove it with its weights."""
    trainings.training_delete(training=training_of(project, pk), actor=page_actor(request))
    return redirect("trainings", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def file(request: ProjectRequest, project: Project, pk: int, what: str) -> HttpResponseBase:
    """Answer with the weights, or with the newest picture of the validation set."""
    found = training_of(project, pk)
    name = f"{found.name}.safetensors" if what == "weights" else None
    return ranged_response(request, training_file(found, what), _TYPES.get(what, ""), name)


def _context(request: ProjectRequest, project: Project, pk: int) -> dict[str, Any]:
    standing = training_standing(training_of(project, pk))
    return {"standing": standing, "may_train": request.role.rank >= Role.LEAD.rank}


def _number(field: str, raw: str) -> float:
    try:
        value = float(raw)
        if not abs(value) <= LARGEST:  # nor is nan
            raise ValueError
    except ValueError:
        raise BadInput(f"{field}: {raw!r} is not a number") from None
    return int(value) if value.is_integer() else value
