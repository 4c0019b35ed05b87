"""The API of measuring engines for masks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from inference_app.domain.evaluation.mask_protocols import PROTOCOLS, known_engines
from inference_app.selectors.mask_evaluations import (
    evaluation_facts,
    evaluation_of,
    evaluations_of,
    masks_chosen,
)
from inference_app.services.masks.mask_evaluations import evaluation_start
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class MaskEvaluationGiven(serializers.Serializer[Any]):
    """What is measured, and on what: ``folder`` or ``masks``."""

    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    engines = serializers.MultipleChoiceField(choices=sorted(known_engines()))
    protocols = serializers.MultipleChoiceField(choices=sorted(PROTOCOLS))
    folder = serializers.CharField(default="", allow_blank=True)
    masks = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=1000)


class MaskEvaluationsView(APIView):
    """Engines for masks, measured."""

    @extend_schema(
        operation_id="projects_mask_evaluations_list",
        responses={200: list[dict[str, Any]], **REFUSALS},
    )
    def get(self, request: Request, project: str) -> Response:
        """List them, newest first."""
        found = evaluations_of(api_project(request, project, Role.VIEWER))
        return Response(
            [
                {
                    "id": one.evaluation.pk,
                    "name": one.evaluation.name,
                    "state": one.job.state if one.job else "",
                    "measured": one.done,
                }
                for one in found
            ]
        )

    @extend_schema(request=MaskEvaluationGiven, responses={202: dict, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Start one (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(MaskEvaluationGiven, request)
        made = evaluation_start(
            project=owner,
            name=given["name"],
            engines=sorted(given["engines"]),
            protocols=[name for name in PROTOCOLS if name in given["protocols"]],
            folder=given["folder"],
            masks=masks_chosen(owner, given["masks"]),
            actor=api_actor(request),
        )
        return Response(evaluation_facts(made), status=status.HTTP_202_ACCEPTED)


class MaskEvaluationView(APIView):
    """One evaluation of engines."""

    @extend_schema(responses={200: dict, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return every figure, curve and worst frame."""
        found = evaluation_of(api_project(request, project, Role.VIEWER), pk)
        return Response(evaluation_facts(found))
