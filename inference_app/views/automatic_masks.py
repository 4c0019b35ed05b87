"""Automatic masks: choose how and for which videos, see what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.forms import posted_values, schema_form
from datasets_app.selectors.footage import video_of
from inference_app.domain.automatic import MAKERS
from inference_app.selectors.automatic_masks import made_masks, maskable_videos
from inference_app.services.masks.automatic_masks import make_start
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_number, row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def automatic(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the makers, the form of the chosen one, and what was made lately."""
    maker = MAKERS[request.GET.get("maker") or next(iter(MAKERS)).info.slug]
    context = {
        "makers": [(one, one.unavailable()) for one in MAKERS],
        "maker": maker,
        "why_not": maker.unavailable(),
        "groups": schema_form(maker.params, request.GET.dict()),
        "videos": maskable_videos(project),
        "chosen": row_number(request.GET.get("video", "")),
        "may_make": request.role.rank >= Role.ANNOTATOR.rank,
        **_made(project),
    }
    return render(request, "masks/automatic.html", context)


@require_safe
@project_page(Role.VIEWER)
def automatic_made(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer with what was made lately; asked again while something is under way."""
    return render(request, "masks/_made.html", _made(project))


@require_POST
@project_page(Role.ANNOTATOR)
def automatic_start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Queue a job per chosen video."""
    maker = MAKERS[request.POST.get("maker", "")]
    make_start(
        project=project,
        videos=[video_of(project, pk) for pk in row_numbers(request.POST.getlist("video"))],
        maker_slug=maker.info.slug,
        params=posted_values(maker.params, request.POST),
        per_object=request.POST.get("objects") == "each",
        actor=page_actor(request),
    )
    return redirect("automatic-masks", project=project.slug)


def _made(project: Project) -> dict[str, Any]:
    made = made_masks(project)
    return {"made": made, "moving": any(one.live for one in made)}
