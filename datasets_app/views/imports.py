"""Imports of whole trees: what each brought, everything it found, and that as files."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.selectors.imports import import_facts, import_findings, imports_of
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, project_page
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

PAGE = 50
COLUMNS = ("severity", "code", "where", "message", "hint")


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
    facts = import_facts(_job(project, pk))
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
    findings = import_findings(_job(project, pk))
    if form == "json":
        data, media = json.dumps(findings, ensure_ascii=False, indent=1), "application/json"
    elif form == "csv":
        data, media = _csv(findings), "text/csv; charset=utf-8"
    else:
        raise NotFound(f"there are no findings as {form!r}", hint="csv or json")
    answer = HttpResponse(data, content_type=media)
    name = f"import-{pk}-findings.{form}"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


def _csv(findings: list[dict[str, Any]]) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in findings:
        writer.writerow([_cell(str(one.get(column, ""))) for column in COLUMNS])
    return text.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet runs what begins like this, and names of files come from anywhere.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _job(project: Project, pk: int) -> Job:
    return get_object_or_404(imports_of(project), pk=pk)
