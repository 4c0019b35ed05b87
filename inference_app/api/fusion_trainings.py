"""The API of fusion networks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from inference_app.selectors.fusion_trainings import (
    FusionStanding,
    fusion_facts,
    fusion_standing,
    fusion_standings,
    fusion_training_of,
)
from inference_app.selectors.mask_evaluations import masks_chosen
from inference_app.services.masks.fusion_trainings import (
    MOST_PAINTED,
    fusion_training_create,
    fusion_training_delete,
)
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class FusionTrainingGiven(serializers.Serializer[Any]):
    """A training: its plan, what it learns from, and the training it begins with."""

    name = serializers.CharField(max_length=80)
    values = serializers.DictField(default=dict)
    init = serializers.IntegerField(allow_null=True, default=None, min_value=1)
    painted = serializers.IntegerField(default=0, min_value=0, max_value=MOST_PAINTED)
    folder = serializers.CharField(default="", allow_blank=True)
    masks = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=1000)


class FusionTrainingsView(APIView):
    """Fusion networks of a project."""

    @extend_schema(
        operation_id="projects_fusion_trainings_list",
        responses={200: list[dict[str, Any]], **REFUSALS},
    )
    def get(self, request: Request, project: str) -> Response:
        """List them with plan, cases and curve, newest first."""
        found = fusion_standings(api_project(request, project, Role.VIEWER))
        return Response([fusion_facts(one) for one in found])

    @extend_schema(request=FusionTrainingGiven, responses={202: dict, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Start one (lead)."""
        owner = api_project(request, project, Role.LEAD)
        given = accepted(FusionTrainingGiven, request)
        init = given["init"]
        made = fusion_training_create(
            project=owner,
            name=given["name"],
            values=given["values"],
            init=None if init is None else fusion_training_of(owner, init),
            painted=given["painted"],
            folder=given["folder"],
            masks=masks_chosen(owner, given["masks"]),
            actor=api_actor(request),
        )
        facts = fusion_facts(FusionStanding(made, None))
        return Response(facts, status=status.HTTP_202_ACCEPTED)


class FusionTrainingView(APIView):
    """One fusion network."""

    @extend_schema(responses={200: dict, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it with plan, cases and curve."""
        found = fusion_training_of(api_project(request, project, Role.VIEWER), pk)
        return Response(fusion_facts(fusion_standing(found)))

    @extend_schema(request=None, responses={204: DONE, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Remove it with its weights and what is left of its cases (lead)."""
        found = fusion_training_of(api_project(request, project, Role.LEAD), pk)
        fusion_training_delete(training=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
