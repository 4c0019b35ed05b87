"""The page of a single sample: what remakes it, what was said of it, who has it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.bundles.weights import MOST_WEIGHT
from datasets_app.models import Sample
from datasets_app.selectors.rebuilds import last_rebuild
from datasets_app.selectors.review import sample_history
from datasets_app.selectors.review_items import verdicts_shown
from datasets_app.selectors.review_queue import author_of, reviewers_of
from datasets_app.selectors.samples import sample_of
from datasets_app.services.freezing import sample_weights
from datasets_app.services.keeping import deletion
from datasets_app.services.runs import regeneration
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def sample(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one sample with everything that remakes it."""
    found = sample_of(project, pk)
    context = {
        "sample": found,
        "verdicts": verdicts_shown(found, request.user, sample_history(found)),
        "dependents": deletion.dependents_of(found),
        "most_weight": MOST_WEIGHT,
        "may_change": request.role.rank >= Role.LEAD.rank,
        "may_comment": request.role.rank >= Role.ANNOTATOR.rank,
        "may_mend": request.role.rank >= Role.LEAD.rank or author_of(found) == request.user,
        "people": _people(project, found),
        "has_people": any(layer.name.startswith("alpha") for layer in found.layers.all()),
        "facts": {
            "comments": reverse("api-comments", kwargs={"project": project.slug, "pk": pk}),
            "comment": reverse("api-comment", kwargs={"project": project.slug, "pk": 0}),
            "id": pk,
            "frames": found.frames,
        },
        **_rebuild_context(request, found),
    }
    return render(request, "review/sample.html", context)


@require_safe
@project_page(Role.VIEWER)
def sample_rebuild(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far the rebuild of a sample is, or what it found."""
    return _rebuild_part(request, sample_of(project, pk))


@require_POST
@project_page(Role.REVIEWER)
def sample_rebuild_start(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Rebuild a sample from its plan alone and compare every byte."""
    found = sample_of(project, pk)
    regeneration.regeneration_start(sample=found, actor=page_actor(request))
    return _rebuild_part(request, found)


@require_POST
@project_page(Role.LEAD)
def sample_archive(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take a sample out of every list."""
    deletion.row_archive(row=sample_of(project, pk), actor=page_actor(request))
    return redirect("review", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def sample_weigh(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Give a sample its weight in bundles."""
    weight = whole_number(request.POST.get("weight", "").strip())
    sample_weights.sample_weigh(
        sample=sample_of(project, pk), weight=weight or 0, actor=page_actor(request)
    )
    return redirect("sample", project=project.slug, pk=pk)


def _rebuild_part(request: ProjectRequest, found: Sample) -> HttpResponse:
    context = {"sample": found, **_rebuild_context(request, found)}
    return render(request, "review/_rebuild.html", context)


def _rebuild_context(request: ProjectRequest, found: Sample) -> dict[str, Any]:
    may = request.role.rank >= Role.REVIEWER.rank
    return {"rebuild": last_rebuild(found), "may_rebuild": may}


def _people(project: Project, found: Sample) -> dict[str, Any]:
    case = getattr(found, "case", None)
    return {
        "author": author_of(found),
        "reviewer": case.reviewer if case else None,
        "members": project.memberships.select_related("user"),
        "reviewers": reviewers_of(project).select_related("user"),
    }
