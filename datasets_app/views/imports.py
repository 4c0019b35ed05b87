"""Imports of whole trees: what each brought, everything it found, and that as files."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.downloads import findings_response
from datasets_app.selectors.imports import import_facts, import_of, imports_of
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, project_page
from matteweb.jobs.states import LIVE

PAGE = 50


@require_safe
@project_page(Role.VIEWER)
def import_list(request: ProjectRequest, project: Project) -> HttpResponse:
    """List the imports of the project, newest first, and the layouts that are read."""
    page = Paginator(imports_of(project), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "imports": [import_facts(job) for job in page],
        "layouts": [layout.info for layout in LAYOUTS],
    }
    return render(request, "imports/list.html", context)


@require_safe
@project_page(Role.VIEWER)
def import_report(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one import: how far it is, or what it brought and found."""
    facts = import_facts(import_of(project, pk))
    live = facts.job.state in LIVE
    part = request.headers.get("HX-Request")
    if part and not live:
        return HttpResponse(headers={"HX-Refresh": "true"})
    template = "imports/_progress.html" if part else "imports/report.html"
    may_change = request.role.rank >= Role.ANNOTATOR.rank
    return render(request, template, {"facts": facts, "live": live, "may_change": may_change})


@require_safe
@project_page(Role.VIEWER)
def import_findings_file(
    request: ProjectRequest, project: Project, pk: int, form: str
) -> HttpResponse:
    """Answer with every finding of an import as CSV or JSON."""
    return findings_response(import_of(project, pk), form)
