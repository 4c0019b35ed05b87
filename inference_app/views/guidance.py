"""Guidance masks: every source of a sample side by side, and segmenters over a whole run."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from datasets_app.selectors.samples import run_of, sample_of
from inference_app.domain.segmenters import SEGMENTERS
from inference_app.selectors.guidance import people_layers, run_guidance, sample_guidance
from inference_app.services.masks.guidance_sets import guidance_start
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput


@require_safe
@project_page(Role.VIEWER)
def sample_page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show the sources of a sample at one frame."""
    return render(request, "guidance/sample.html", _sample_context(request, project, pk))


@require_safe
@project_page(Role.VIEWER)
def sample_part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with another frame, or with what has become of it since."""
    return render(request, "guidance/_sources.html", _sample_context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def sample_start(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Let the chosen segmenters look at a sample."""
    _start(request, project, [sample_of(project, pk)])
    return redirect("sample-guidance", project=project.slug, pk=pk)


@require_safe
@project_page(Role.VIEWER)
def run_page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show what segmenters came to over a run."""
    return render(request, "guidance/run.html", _run_context(request, project, pk))


@require_safe
@project_page(Role.VIEWER)
def run_part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with how far they are."""
    return render(request, "guidance/_run.html", _run_context(request, project, pk))


@require_POST
@project_page(Role.LEAD)
def run_start(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Let the chosen segmenters look at every ready sample of a run."""
    run = run_of(project, pk)
    _start(request, project, list(_ready(run)))
    return redirect("run-guidance", project=project.slug, pk=pk)


def _start(request: ProjectRequest, project: Project, samples: list[Sample]) -> None:
    chosen = list(dict.fromkeys(request.POST.getlist("segmenter")))
    if not chosen:
        raise BadInput(_("No segmenter was chosen."), hint=_("Tick at least one."))
    for slug in chosen:
        guidance_start(project=project, samples=samples, segmenter=slug, actor=page_actor(request))


def _ready(run: SynthesisRun) -> list[Sample]:
    rows = Sample.objects.filter(run=run, archived_at=None, state=SampleState.READY)
    return list(rows.order_by("index"))


def _sample_context(request: ProjectRequest, project: Project, pk: int) -> dict[str, Any]:
    found = sample_guidance(sample_of(project, pk), whole_number(request.GET.get("frame", "")) or 0)
    sample = found.sample
    refusals = {one.info.slug: one.refuses(sample.frames or 0) for one in SEGMENTERS}
    return {
        "sample": sample,
        "guidance": found,
        **_offered(request, {source.name for source in found.sources}, refusals),
        "why_not": ""
        if sample.state == SampleState.READY and people_layers(sample)
        else _("It has no people with an alpha of their own."),
    }


def _run_context(request: ProjectRequest, project: Project, pk: int) -> dict[str, Any]:
    run = run_of(project, pk)
    found = run_guidance(project, run)
    return {
        "run": run,
        "guidance": found,
        **_offered(request, set(), {}),
        "why_not": "" if found.samples else _("No sample of this run is ready."),
    }


def _offered(request: ProjectRequest, there: set[str], refusals: dict[str, str]) -> dict[str, Any]:
    """Return the segmenters, each with why it cannot be chosen, "" when it can."""
    offered = [
        (
            one,
            one.unavailable()
            or refusals.get(one.info.slug, "")
            or (_("its masks are there") if f"masks_{one.info.slug}" in there else ""),
        )
        for one in SEGMENTERS
    ]
    return {"segmenters": offered, "may_make": request.role.rank >= Role.LEAD.rank}
