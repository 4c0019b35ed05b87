"""The forms in which a finished run is taken away."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.adapters.ranged_response import ranged_response
from inference_app.models import ModelRun
from inference_app.selectors.model_runs import run_of
from inference_app.selectors.run_deliveries import delivered_file, delivery_standings
from inference_app.services.runs.run_deliveries import run_delivery_start
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def forms(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with all forms; asked again while one is written."""
    return _part(request, run_of(project, pk))


@require_POST
@project_page(Role.ANNOTATOR)
def ask(request: ProjectRequest, project: Project, pk: int, form: str) -> HttpResponse:
    """Have a form written."""
    run = run_of(project, pk)
    run_delivery_start(run=run, form_slug=form, actor=page_actor(request))
    return _part(request, run)


@require_safe
@project_page(Role.VIEWER)
def file(request: ProjectRequest, project: Project, pk: int, form: str) -> HttpResponseBase:
    """Answer with the file of a form."""
    blob, kind, name = delivered_file(run_of(project, pk), form)
    return ranged_response(request, blob, kind.media_type, name)


def _part(request: ProjectRequest, run: ModelRun) -> HttpResponse:
    standings = delivery_standings(run)
    context = {
        "run": run,
        "forms": standings,
        "writing": any(one.live for one in standings),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "models/_forms.html", context)
