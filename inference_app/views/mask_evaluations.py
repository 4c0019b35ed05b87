"""Engines for masks, measured: started, watched, read, taken away as a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from inference_app.domain.evaluation.mask_protocols import PROTOCOLS, known_engines
from inference_app.models import MaskEvaluation
from inference_app.selectors.mask_evaluations import (
    FORMS,
    evaluation_csv,
    evaluation_facts,
    evaluation_folders,
    evaluation_of,
    evaluation_standing,
    evaluations_of,
    masks_chosen,
    measurable_masks,
    protocol_tables,
    worst_picture,
)
from inference_app.services.masks.mask_evaluations import evaluation_start
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import NotFound


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the evaluations and the form that starts one."""
    context = {
        "evaluations": evaluations_of(project),
        "protocols": PROTOCOLS.items(),
        "engines": [(one, one.unavailable()) for one in known_engines().values()],
        "folders": evaluation_folders(),
        "root": settings.EVALUATION_DIR,
        "masks": measurable_masks(project),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "masks/evaluations.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start an evaluation and show it."""
    given = request.POST
    made = evaluation_start(
        project=project,
        name=given.get("name", ""),
        engines=given.getlist("engine"),
        protocols=given.getlist("protocol"),
        folder=given.get("folder", ""),
        masks=masks_chosen(project, row_numbers(given.getlist("mask"))),
        actor=page_actor(request),
    )
    return redirect("mask-evaluation", project=project.slug, pk=made.pk)


@require_safe
@project_page(Role.VIEWER)
def page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one evaluation; its tables grow while it is measured."""
    context = _context(evaluation_of(project, pk))
    return render(request, "masks/evaluation.html", context)


@require_safe
@project_page(Role.VIEWER)
def part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with what is measured so far."""
    return render(request, "masks/_evaluation.html", _context(evaluation_of(project, pk)))


@require_safe
@project_page(Role.VIEWER)
def export(request: ProjectRequest, project: Project, pk: int, form: str) -> HttpResponse:
    """Answer with everything as a file."""
    found = evaluation_of(project, pk)
    if form not in FORMS:
        raise NotFound(f"there is no form {form!r}", hint=f"known: {', '.join(FORMS)}")
    answer: HttpResponse
    if form == "json":
        answer = JsonResponse(evaluation_facts(found))
    else:
        answer = HttpResponse(evaluation_csv(found), content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="mask-evaluation-{pk}.{form}"'
    return answer


@require_safe
@project_page(Role.VIEWER)
def picture(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the worst frames of one clip."""
    return ranged_response(request, worst_picture(project, pk), "image/jpeg")


def _context(evaluation: MaskEvaluation) -> dict[str, Any]:
    return {
        "evaluation": evaluation,
        "standing": evaluation_standing(evaluation),
        "tables": protocol_tables(evaluation),
        "forms": FORMS,
    }
