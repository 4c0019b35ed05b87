"""Synthesize: choose a recipe, try one, launch many, watch them arrive."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Recipe
from datasets_app.forms import field_errors, posted_values, schema_form
from datasets_app.models.sample import SampleState
from datasets_app.selectors.recipe_cards import recipe_cards, recipe_picture
from datasets_app.selectors.run_work import run_work
from datasets_app.selectors.samples import run_counts, run_of, run_samples, runs_of
from datasets_app.services.runs import synthesis
from datasets_app.services.runs.run_outlook import run_outlook
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import required_number, whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

CARDS = 60
"""Newest samples that a run shows at once; the rest are in Review."""


@require_safe
@project_page(Role.VIEWER)
def synthesize(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the recipes, the form of the chosen one, and the newest run."""
    recipe = RECIPES[request.GET.get("recipe") or next(iter(RECIPES)).info.slug]
    values = _values(recipe, request)
    latest = runs_of(project).filter(recipe=recipe.info.slug).first()
    count = request.GET.get("count") or "20"
    context = {
        "cards": recipe_cards(),
        "picture": recipe_picture(recipe.info.slug),
        "recipe": recipe,
        "layers": [layer for layer in recipe.layers if layer.delivered],
        "groups": schema_form(recipe.params, values),
        "seed": request.GET.get("seed") or secrets.randbelow(10_000),
        "count": count,
        **_outlook_context(project, recipe, values, count),
        "runs": runs_of(project)[:8],
        **(_run_context(latest) if latest else {}),
    }
    return render(request, "synthesize/page.html", context)


@require_POST
@project_page(Role.VIEWER)
def survey(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer a change of the form: what it admits now, and which fields are wrong."""
    recipe = RECIPES[request.POST.get("recipe", "")]
    values = posted_values(recipe.params, request.POST)
    errors = field_errors(recipe.params, values)
    context: dict[str, Any] = {"recipe": recipe, "errors": errors}
    if not errors:
        context |= _outlook_context(project, recipe, values, request.POST.get("count", ""))
    return render(request, "synthesize/_answer.html", context)


@require_POST
@project_page(Role.LEAD)
def try_one(request: ProjectRequest, project: Project) -> HttpResponse:
    """Make one sample that nobody will be asked to review."""
    run = _launch(request, project, count=1, seed=secrets.randbelow(2**31), trial=True)
    return _trial(request, project, run.pk)


@require_safe
@project_page(Role.VIEWER)
def trial(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with the state of a trial; asked again until its sample is there."""
    return _trial(request, project, pk)


@require_POST
@project_page(Role.LEAD)
def launch(request: ProjectRequest, project: Project) -> HttpResponse:
    """Launch a run and show it."""
    count = required_number(request.POST.get("count", ""), "the number of samples")
    seed = required_number(request.POST.get("seed", ""), "the root seed")
    run = _launch(request, project, count=count, seed=seed, trial=False)
    return redirect("run", project=project.slug, pk=run.pk)


@require_safe
@project_page(Role.VIEWER)
def run(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one run: how far it is, its samples, what it leaves out and why."""
    found = run_of(project, pk)
    context = _run_context(found) | {"recipe": RECIPES[found.recipe]}
    return render(request, "run/page.html", context)


@require_safe
@project_page(Role.VIEWER)
def run_part(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with the live part of a run; asked for again while it lives."""
    return render(request, "run/_run.html", _run_context(run_of(project, pk)))


@require_POST
@project_page(Role.LEAD)
def run_stop(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Stop a run; finished samples stay."""
    synthesis.run_stop(run=run_of(project, pk), actor=page_actor(request))
    return render(request, "run/_run.html", _run_context(run_of(project, pk)))


@require_POST
@project_page(Role.LEAD)
def run_resume(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Go on with a stopped run."""
    synthesis.run_resume(run=run_of(project, pk), actor=page_actor(request))
    return render(request, "run/_run.html", _run_context(run_of(project, pk)))


@require_POST
@project_page(Role.LEAD)
def run_reroll(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Ask for one new sample for every failed or rejected one that has none yet."""
    synthesis.run_reroll(run=run_of(project, pk), actor=page_actor(request))
    return render(request, "run/_run.html", _run_context(run_of(project, pk)))


def _launch(
    request: ProjectRequest, project: Project, *, count: int, seed: int, trial: bool
) -> Any:
    recipe = RECIPES[request.POST.get("recipe", "")]
    return synthesis.run_create(
        project=project,
        recipe_slug=recipe.info.slug,
        params=posted_values(recipe.params, request.POST),
        count=count,
        root_seed=seed,
        actor=page_actor(request),
        trial=trial,
    )


def _outlook_context(
    project: Project, recipe: Recipe, values: dict[str, Any], count: str
) -> dict[str, Any]:
    """Return what a run would draw on and take; a count that is none yet is taken for one."""
    samples = whole_number(count.strip()) or 1
    found = run_outlook(project=project, recipe_slug=recipe.info.slug, params=values, count=samples)
    return {"survey": found.survey, "outlook": found}


def _trial(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    found = run_of(project, pk)
    sample = found.samples.first()
    waiting = sample is None or sample.state in {SampleState.PLANNED, SampleState.RENDERING}
    context = {"trial": found, "sample": sample, "work": run_work(found, 0), "waiting": waiting}
    return render(request, "synthesize/_trial.html", context)


def _run_context(found: Any) -> dict[str, Any]:
    counts = run_counts(found)
    return {
        "run": found,
        "counts": counts,
        "work": run_work(found, counts.finished),
        "samples": run_samples(found)[:CARDS],
        "more": max(0, found.count - CARDS),
    }


def _values(recipe: Recipe, request: HttpRequest) -> dict[str, Any]:
    """Return the parameters that the address names, where they are valid together."""
    given = {name: text for name, text in request.GET.items() if name in recipe.params.model_fields}
    return {} if field_errors(recipe.params, given) else given
