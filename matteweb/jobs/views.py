"""The Jobs page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, project_page
from matteweb.jobs.events import job_facts
from matteweb.jobs.selectors import jobs_shown, sequence_now


@project_page(Role.VIEWER)
def jobs(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the jobs of a project; the page then follows them by itself."""
    seq = sequence_now()
    snapshot = {"seq": seq, "jobs": [job_facts(job) for job in jobs_shown(project)]}
    may_start = request.role.rank >= Role.ANNOTATOR.rank
    context = {
        "snapshot": snapshot,
        "api": reverse("api-jobs", kwargs={"project": project.slug}),
        "steers": _steers(request.role) if may_start else "none",
    }
    return render(request, "jobs/jobs.html", context)


def _steers(role: Role) -> str:
    return "all" if role.rank >= Role.LEAD.rank else "own"
