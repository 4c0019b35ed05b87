"""The API of recipes, runs, samples and verdicts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api import shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.domain.bundles.weights import MOST_WEIGHT
from datasets_app.domain.recipes import RECIPES
from datasets_app.models import Sample, SynthesisRun
from datasets_app.selectors.samples import (
    run_counts,
    run_of,
    runs_of,
    sample_of,
    samples_of,
    verdict_of,
)
from datasets_app.services.desk import review
from datasets_app.services.freezing import sample_weights
from datasets_app.services.keeping import deletion
from datasets_app.services.runs import synthesis
from datasets_app.services.runs.run_outlook import run_outlook
from matteweb.accounts.models import Role
from matteweb.accounts.request_numbers import row_number
from matteweb.accounts.web import api_actor, api_project


class SampleChange(serializers.Serializer[Any]):
    """What may be changed of a sample: how often a bundle counts it."""

    weight = serializers.IntegerField(min_value=1, max_value=MOST_WEIGHT)


def run_body(run: SynthesisRun) -> dict[str, Any]:
    """Return a run with its samples counted."""
    return {**shapes.RunShape(run).data, "counts": asdict(run_counts(run))}


class RecipesView(APIView):
    """The ways to synthesize."""

    @extend_schema(responses={200: shapes.RecipeShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them with the schema of their parameters."""
        api_project(request, project, Role.VIEWER)
        found = [
            {
                "slug": recipe.info.slug,
                "title": recipe.info.label,
                "summary": recipe.info.summary,
                "version": recipe.info.version,
                "category": recipe.category,
                "needs": recipe.needs,
                "why_not": recipe.unavailable(),
                "params_schema": recipe.params.model_json_schema(),
            }
            for recipe in RECIPES
        ]
        return Response(found)


class SurveyView(APIView):
    """What the project's footage admits."""

    @extend_schema(request=shapes.SurveyGiven, responses={200: dict, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Say which sources a run would draw on, why not the others, and what it would take."""
        owner = api_project(request, project, Role.VIEWER)
        given = accepted(shapes.SurveyGiven, request)
        found = run_outlook(
            project=owner,
            recipe_slug=given["recipe"],
            params=given["params"],
            count=given["count"],
        )
        return Response(found.as_json())


class RunsView(ListAPIView[SynthesisRun]):
    """The runs of a project."""

    serializer_class = shapes.RunShape
    queryset = SynthesisRun.objects.none()

    @extend_schema(responses={200: shapes.RunShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, newest first."""
        found = runs_of(api_project(request, kwargs["project"], Role.VIEWER))
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response([run_body(run) for run in page])

    @extend_schema(request=shapes.RunGiven, responses={201: shapes.RunShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Launch one (lead)."""
        owner = api_project(request, project, Role.LEAD)
        given = accepted(shapes.RunGiven, request)
        run = synthesis.run_create(
            project=owner,
            recipe_slug=given["recipe"],
            params=given["params"],
            count=given["count"],
            root_seed=given["seed"],
            trial=given["trial"],
            actor=api_actor(request),
        )
        return Response(run_body(run), status=status.HTTP_201_CREATED)


class RunView(APIView):
    """One run."""

    @extend_schema(responses={200: shapes.RunShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it with its samples counted."""
        return Response(run_body(run_of(api_project(request, project, Role.VIEWER), pk)))

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead)."""
        run = run_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=run, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RunStopView(APIView):
    """Stopping a run."""

    @extend_schema(request=None, responses={200: shapes.RunShape, **REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Stop it (lead); finished samples stay."""
        run = run_of(api_project(request, project, Role.LEAD), pk)
        synthesis.run_stop(run=run, actor=api_actor(request))
        return Response(run_body(run))


class RunResumeView(APIView):
    """Resuming a run."""

    @extend_schema(request=None, responses={200: shapes.RunShape, **REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Go on where it stands (lead)."""
        run = run_of(api_project(request, project, Role.LEAD), pk)
        synthesis.run_resume(run=run, actor=api_actor(request))
        return Response(run_body(run))


class RunRerollView(APIView):
    """Making failed and rejected samples anew."""

    @extend_schema(request=None, responses={200: shapes.RunShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Roll them again (lead)."""
        run = run_of(api_project(request, project, Role.LEAD), pk)
        synthesis.run_reroll(run=run, actor=api_actor(request))
        return Response(run_body(run))


class SamplesView(ListAPIView[Sample]):
    """The samples of a project, in order of making."""

    serializer_class = shapes.SampleShape
    queryset = Sample.objects.none()

    def get_queryset(self) -> Any:
        """Return them, filtered by the query."""
        found = samples_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))
        for name in ("run", "review", "state", "category"):
            if value := self.request.query_params.get(name):
                found = found.filter(**{name: row_number(value) if name == "run" else value})
        return found.prefetch_related("verdicts__reviewer")

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in ("run", "review", "state", "category")],
        responses={200: shapes.SampleShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, a page at a time."""
        return self.list(request, *args, **kwargs)


class SampleView(APIView):
    """One sample."""

    @extend_schema(responses={200: shapes.SampleShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it with its verdicts."""
        found = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.SampleShape(found).data)

    @extend_schema(request=SampleChange, responses={200: shapes.SampleShape, **CHANGE_REFUSALS})
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Give it its weight in bundles (lead)."""
        found = sample_of(api_project(request, project, Role.LEAD), pk)
        weight = accepted(SampleChange, request)["weight"]
        sample_weights.sample_weigh(sample=found, weight=weight, actor=api_actor(request))
        return Response(shapes.SampleShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead)."""
        found = sample_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerdictsView(APIView):
    """The verdicts on a sample."""

    @extend_schema(
        request=shapes.VerdictGiven, responses={201: shapes.VerdictShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Give one (reviewer)."""
        sample = sample_of(api_project(request, project, Role.REVIEWER), pk)
        given = accepted(shapes.VerdictGiven, request)
        first, last = given.get("first_frame"), given.get("last_frame")
        verdict = review.verdict_give(
            sample=sample,
            decision=given["decision"],
            reasons=given["reasons"],
            comment=given["comment"],
            frames=(first, first if last is None else last) if first is not None else None,
            seconds=given.get("seconds"),
            actor=api_actor(request),
        )
        return Response(shapes.VerdictShape(verdict).data, status=status.HTTP_201_CREATED)


class VerdictView(APIView):
    """One verdict."""

    @extend_schema(request=None, responses={200: shapes.SampleShape, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Take it back (its reviewer); what was in force before is in force again."""
        verdict = verdict_of(api_project(request, project, Role.REVIEWER), pk)
        sample = review.verdict_undo(verdict=verdict, actor=api_actor(request))
        return Response(shapes.SampleShape(sample).data)
