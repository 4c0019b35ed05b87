"""The API of hard examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, accepted
from inference_app.api import shapes
from inference_app.models import HardExample
from inference_app.selectors.hard_examples import hard_example_of, hard_examples_of
from inference_app.selectors.model_runs import run_of
from inference_app.services.learning.hard_examples import hard_examples_find, hard_examples_move
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class HardExamplesView(ListAPIView[HardExample]):
    """Frames that models found hard."""

    serializer_class = shapes.HardExampleShape
    queryset = HardExample.objects.none()

    def get_queryset(self) -> Any:
        """Return them, hardest first; ``state`` in the query asks for one queue."""
        owner = api_project(self.request, self.kwargs["project"], Role.VIEWER)
        return hard_examples_of(owner, self.request.query_params.get("state", ""))

    @extend_schema(
        request=shapes.HardSearchGiven, responses={202: shapes.HardSearchShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Look for them in a job (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(shapes.HardSearchGiven, request)
        job = hard_examples_find(
            project=owner,
            runs=[run_of(owner, pk) for pk in given["runs"]],
            actor=api_actor(request),
        )
        body = {"job": job.pk, "runs": job.params["runs"]}
        return Response(body, status=status.HTTP_202_ACCEPTED)


class HardExampleView(APIView):
    """One hard example."""

    @extend_schema(
        operation_id="projects_hard_examples_move",
        request=shapes.HardMoveGiven,
        responses={200: shapes.HardExampleShape, **CHANGE_REFUSALS},
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Send it to a queue, or on from there (annotator)."""
        found = hard_example_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.HardMoveGiven, request)
        hard_examples_move(examples=[found], to=given["state"], actor=api_actor(request))
        return Response(shapes.HardExampleShape(found).data)
