"""The Jobs page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, project_page
from matteweb.jobs.selectors import snapshot


@require_safe
@project_page(Role.VIEWER)
def jobs(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the jobs of a project; the page then follows them by itself."""
    context = {
        "snapshot": snapshot(project),
        "api": reverse("api-jobs", kwargs={"project": project.slug}),
        "steers": _steers(request.role),
    }
    return render(request, "jobs/jobs.html", context)


def _steers(role: Role) -> str:
    """Return whose jobs the role may stop and start, as ``permissions`` has it."""
    if role.rank >= Role.LEAD.rank:
        return "all"
    return "own" if role.rank >= Role.ANNOTATOR.rank else "none"
