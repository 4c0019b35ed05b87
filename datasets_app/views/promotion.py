"""The part of a sample's page that makes a foreground of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Sample
from datasets_app.selectors.promotions import can_be_foreground, foreground_of
from datasets_app.selectors.samples import sample_of
from datasets_app.services.sources.promotion import sample_promote
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def sample_foreground(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with the foreground that a sample became, or with the button that makes it one."""
    return _part(request, sample_of(project, pk))


@require_POST
@project_page(Role.LEAD)
def sample_foreground_make(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Make a foreground of an accepted sample."""
    found = sample_of(project, pk)
    sample_promote(sample=found, actor=page_actor(request))
    return _part(request, found)


def _part(request: ProjectRequest, found: Sample) -> HttpResponse:
    context = {
        "sample": found,
        "foreground": foreground_of(found),
        "possible": can_be_foreground(found),
        "may_promote": request.role.rank >= Role.LEAD.rank,
    }
    return render(request, "review/_foreground.html", context)
