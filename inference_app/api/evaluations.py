"""The API of evaluations."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.selectors.bundles import bundle_of
from inference_app.api import shapes
from inference_app.models import Evaluation
from inference_app.selectors.evaluations import FORMS, evaluation_of, evaluations_of, exported
from inference_app.selectors.trainings import training_of
from inference_app.services.learning import evaluations
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api


class EvaluationsView(ListAPIView[Evaluation]):
    """The evaluations of a project."""

    serializer_class = shapes.EvaluationShape
    queryset = Evaluation.objects.none()

    def get_queryset(self) -> Any:
        """Return them, newest first."""
        return evaluations_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(
        request=shapes.EvaluationGiven, responses={201: shapes.EvaluationShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Start one (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(shapes.EvaluationGiven, request)
        made = evaluations.evaluation_create(
            project=owner,
            name=given["name"],
            predictors=given["predictors"],
            trainings=[training_of(owner, pk) for pk in given["trainings"]],
            held_out=given["held_out"],
            bundles=[(bundle_of(owner, name), split) for name, split in given["bundles"].items()],
            clips=given["clips"],
            actor=api_actor(request),
        )
        return Response(shapes.EvaluationShape(made).data, status=status.HTTP_201_CREATED)


class EvaluationView(APIView):
    """One evaluation."""

    @extend_schema(responses={200: shapes.EvaluationShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it."""
        found = evaluation_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.EvaluationShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Remove it (lead)."""
        found = evaluation_of(api_project(request, project, Role.LEAD), pk)
        evaluations.evaluation_delete(evaluation=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EvaluationStopView(APIView):
    """Stopping an evaluation."""

    @extend_schema(request=None, responses={200: shapes.EvaluationShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Stop it (annotator); finished sets stay."""
        found = evaluation_of(api_project(request, project, Role.ANNOTATOR), pk)
        evaluations.evaluation_stop(evaluation=found, actor=api_actor(request))
        return Response(shapes.EvaluationShape(found).data)


class EvaluationResumeView(APIView):
    """Resuming an evaluation."""

    @extend_schema(request=None, responses={200: shapes.EvaluationShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Go on with the sets that are not measured (annotator)."""
        found = evaluation_of(api_project(request, project, Role.ANNOTATOR), pk)
        evaluations.evaluation_resume(evaluation=found, actor=api_actor(request))
        return Response(shapes.EvaluationShape(found).data)


@require_safe
@project_api(Role.VIEWER)
def export(request: ProjectRequest, project: Project, pk: int, form: str) -> HttpResponse:
    """Answer with all tables as csv, json or latex."""
    text = exported(evaluation_of(project, pk), form)
    return HttpResponse(text, content_type=f"{FORMS[form][0]}; charset=utf-8")
