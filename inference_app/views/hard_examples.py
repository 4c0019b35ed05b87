"""Hard examples: the ranking, and the queues they are sent to."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inference_app.models import HardState
from inference_app.selectors.hard_examples import (
    hard_example_counts,
    hard_examples_numbered,
    hard_examples_of,
    runs_to_look_at,
    search_at_work,
)
from inference_app.services.learning.hard_examples import hard_examples_find, hard_examples_move
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

SHOWN = 200


@require_safe
@project_page(Role.VIEWER)
def index(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the examples of one queue, hardest first."""
    asked = request.GET.get("state", "")
    state = HardState(asked) if asked in HardState.values else HardState.FOUND
    counts = hard_example_counts(project)
    context = {
        "state": state,
        "queues": list(counts.items()),
        "examples": hard_examples_of(project, state)[:SHOWN],
        "runs": len(runs_to_look_at(project)),
        "job": search_at_work(project),
        "may_run": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "models/hard_examples.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def find(request: ProjectRequest, project: Project) -> HttpResponse:
    """Look for hard examples among the newest runs."""
    hard_examples_find(project=project, runs=(), actor=page_actor(request))
    return redirect("hard-examples", project=project.slug)


@require_POST
@project_page(Role.ANNOTATOR)
def move(request: ProjectRequest, project: Project) -> HttpResponse:
    """Send the ticked examples to a queue, or on from there."""
    numbers = row_numbers(request.POST.getlist("example"))
    if not numbers:
        raise BadInput("no example was ticked", hint="tick the frames to send")
    hard_examples_move(
        examples=hard_examples_numbered(project, numbers),
        to=request.POST.get("to", ""),
        actor=page_actor(request),
    )
    return redirect("hard-examples", project=project.slug)
