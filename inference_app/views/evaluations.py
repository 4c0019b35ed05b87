"""Evaluations: started, watched, read, taken away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.selectors.bundles import bundle_of
from inference_app.selectors.evaluations import (
    FORMS,
    evaluation_of,
    evaluation_standing,
    evaluations_of,
    exported,
    set_results,
    worst_picture,
)
from inference_app.selectors.model_cards import runnable_cards
from inference_app.selectors.trainings import checkpoints_of, frozen_bundles, training_of
from inference_app.services.learning import evaluations
from inference_app.services.learning.held_out_evaluation import SETS
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers, whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

SPLITS = ("test", "val", "train")


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the evaluations and the form that starts one."""
    context = {
        "evaluations": [evaluation_standing(one) for one in evaluations_of(project)],
        "cards": runnable_cards(),
        "checkpoints": checkpoints_of(project),
        "held_out": SETS.values(),
        "bundles": frozen_bundles(project),
        "splits": SPLITS,
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "models/evaluations.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Start an evaluation and show it."""
    given = request.POST
    made = evaluations.evaluation_create(
        project=project,
        name=given.get("name", ""),
        predictors=given.getlist("predictor"),
        trainings=[training_of(project, pk) for pk in row_numbers(given.getlist("training"))],
        held_out=given.getlist("held_out"),
        bundles=[
            (bundle_of(project, name), given.get("split", "test"))
            for name in given.getlist("bundle")
        ],
        clips=whole_number(given.get("clips", "")) or 0,
        actor=page_actor(request),
    )
    return redirect("evaluation", project=project.slug, pk=made.pk)


@require_safe
@project_page(Role.VIEWER)
def page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one evaluation with what it found so far."""
    return render(request, "models/evaluation.html", _context(request, project, pk))


@require_safe
@project_page(Role.VIEWER)
def part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far it is; asked again while it lives."""
    return render(request, "models/_evaluation.html", _context(request, project, pk))


@require_POST
@project_page(Role.ANNOTATOR)
def stop(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Stop it; finished sets stay."""
    evaluations.evaluation_stop(evaluation=evaluation_of(project, pk), actor=page_actor(request))
    return render(request, "models/_evaluation.html", _context(request, project, pk))


@require_POST
@project_page(Role.ANNOTATOR)
def resume(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Go on with the sets that are not measured."""
    found = evaluation_of(project, pk)
    evaluations.evaluation_resume(evaluation=found, actor=page_actor(request))
    return render(request, "models/_evaluation.html", _context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def delete(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Remove it."""
    evaluations.evaluation_delete(evaluation=evaluation_of(project, pk), actor=page_actor(request))
    return redirect("evaluations", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def export(request: ProjectRequest, project: Project, pk: int, form: str) -> HttpResponse:
    """Answer with all tables as csv, json or latex."""
    found = evaluation_of(project, pk)
    text = exported(found, form)
    media_type, ending = FORMS[form]
    answer = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="evaluation-{found.pk}.{ending}"'
    return answer


@require_safe
@project_page(Role.VIEWER)
def picture(
    request: ProjectRequest, project: Project, pk: int, number: int, place: int
) -> HttpResponse:
    """Answer with one of the worst frames of a set."""
    data = worst_picture(evaluation_of(project, pk), number, place)
    answer = HttpResponse(data, content_type="image/png")
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _context(request: ProjectRequest, project: Project, pk: int) -> dict[str, Any]:
    found = evaluation_of(project, pk)
    return {
        "standing": evaluation_standing(found),
        "results": set_results(found),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
        "may_lead": request.role.rank >= Role.LEAD.rank,
    }
