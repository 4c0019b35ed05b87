"""The API of trainings."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.selectors.bundles import bundle_of
from inference_app.api import shapes
from inference_app.models import Training
from inference_app.selectors.trainings import training_file, training_of, trainings_of
from inference_app.services.learning import trainings
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api


class TrainingsView(ListAPIView[Training]):
    """The trainings of a project."""

    serializer_class = shapes.TrainingShape
    queryset = Training.objects.none()

    def get_queryset(self) -> Any:
        """Return them, newest first."""
        return trainings_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(
        request=shapes.TrainingGiven, responses={201: shapes.TrainingShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Start one (lead)."""
        owner = api_project(request, project, Role.LEAD)
        given = accepted(shapes.TrainingGiven, request)
        made = trainings.training_create(
            project=owner,
            name=given["name"],
            preset=given["preset"],
            values=given["values"],
            painted=given["painted"],
            bundles=[(bundle_of(owner, name), weight) for name, weight in given["bundles"].items()],
            actor=api_actor(request),
        )
        return Response(shapes.TrainingShape(made).data, status=status.HTTP_201_CREATED)


class TrainingView(APIView):
    """One training."""

    @extend_schema(responses={200: shapes.TrainingShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it with its curve and, when it is finished, its card."""
        found = training_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.TrainingShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Remove it with its weights (lead)."""
        found = training_of(api_project(request, project, Role.LEAD), pk)
        trainings.training_delete(training=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrainingStopView(APIView):
    """Stopping a training."""

    @extend_schema(request=None, responses={200: shapes.TrainingShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Stop it where it stands (lead)."""
        found = training_of(api_project(request, project, Role.LEAD), pk)
        trainings.training_stop(training=found, actor=api_actor(request))
        return Response(shapes.TrainingShape(found).data)


class TrainingResumeView(APIView):
    """Resuming a training."""

    @extend_schema(request=None, responses={200: shapes.TrainingShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Go on exactly where it stopped (lead)."""
        found = training_of(api_project(request, project, Role.LEAD), pk)
        trainings.training_resume(training=found, actor=api_actor(request))
        return Response(shapes.TrainingShape(found).data)


@require_safe
@project_api(Role.VIEWER)
def weights(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the weights of a finished training."""
    found = training_of(project, pk)
    blob = training_file(found, "weights")
    return ranged_response(request, blob, "application/octet-stream", f"{found.name}.safetensors")
