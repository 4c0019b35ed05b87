"""Review: one sample after the other, decided by keyboard; and the page of a single sample."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Sample
from datasets_app.models.sample import ReviewState
from datasets_app.models.verdict import Reason
from datasets_app.selectors.player import file_url
from datasets_app.selectors.rebuilds import last_rebuild
from datasets_app.selectors.review import review_progress, sample_history
from datasets_app.selectors.samples import review_queue, runs_of, sample_of
from datasets_app.services import deletion, regeneration
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

QUEUE_LENGTH = 60
"""Samples that a page holds; the page asks for more when few are left."""


@require_safe
@project_page(Role.VIEWER)
def review(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the queue, the first sample of it, and the verdict bar."""
    chosen = _chosen(request)
    queue = review_queue(project, skipped_by=request.user, **chosen)
    context = {
        "queue": [_queue_item(sample, project) for sample in queue[:QUEUE_LENGTH]],
        "waiting": queue.count(),
        "progress": review_progress(project, request.user, run_id=chosen["run_id"]),
        "reasons": list(enumerate(Reason.choices, 1)),
        "states": [("", "All"), *ReviewState.choices],
        "runs": runs_of(project)[:20],
        "chosen": chosen,
        "may_judge": request.role.rank >= Role.REVIEWER.rank,
    }
    return render(request, "review/page.html", context)


@require_safe
@project_page(Role.VIEWER)
def sample_side(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with what stands beside the player: caption, sources, history."""
    sample = sample_of(project, pk)
    context = {"sample": sample, "verdicts": sample_history(sample)}
    return render(request, "review/_side.html", context)


@require_safe
@project_page(Role.VIEWER)
def sample(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one sample with everything that remakes it."""
    found = sample_of(project, pk)
    context = {
        "sample": found,
        "verdicts": sample_history(found),
        "dependents": deletion.dependents_of(found),
        "may_change": request.role.rank >= Role.LEAD.rank,
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


def _rebuild_part(request: ProjectRequest, found: Sample) -> HttpResponse:
    context = {"sample": found, **_rebuild_context(request, found)}
    return render(request, "review/_rebuild.html", context)


def _rebuild_context(request: ProjectRequest, found: Sample) -> dict[str, Any]:
    may = request.role.rank >= Role.REVIEWER.rank
    return {"rebuild": last_rebuild(found), "may_rebuild": may}


def _chosen(request: ProjectRequest) -> dict[str, Any]:
    run = request.GET.get("run", "")
    state = request.GET.get("state", ReviewState.PENDING)
    return {
        "run_id": int(run) if run.isdecimal() else None,
        "review": state if state in {"", *ReviewState.values} else ReviewState.PENDING,
        "category": request.GET.get("category", ""),
    }


def _queue_item(sample: Sample, project: Project) -> dict[str, Any]:
    """Return what the page's script knows of one sample."""
    slug = project.slug
    shown = next((layer for layer in sample.layers.all() if layer.poster_id), None)
    address = {"project": slug, "pk": sample.pk}
    return {
        "id": sample.pk,
        "name": sample.name,
        "frames": sample.frames,
        "category": sample.category,
        "review": sample.review,
        "poster": file_url("layer", slug, shown.pk, "poster", shown.poster_id) if shown else "",
        "player": reverse("sample-player", kwargs=address),
        "side": reverse("sample-side", kwargs=address),
        "verdicts": reverse("api-verdicts", kwargs=address),
    }
