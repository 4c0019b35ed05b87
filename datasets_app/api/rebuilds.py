"""The API of rebuilding a sample, to see that it can be rebuilt."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS
from datasets_app.selectors.rebuilds import Rebuild, rebuilds_of
from datasets_app.selectors.samples import sample_of
from datasets_app.services.runs.regeneration import regeneration_start
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class RebuildShape(serializers.Serializer[Rebuild]):
    """A rebuild of a sample; ``identical`` is null until it is through, or where it failed."""

    job = serializers.IntegerField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    identical = serializers.BooleanField(allow_null=True)
    layers = serializers.ListField(child=serializers.CharField())
    differing = serializers.ListField(child=serializers.CharField())
    platform = serializers.CharField()
    code_version = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()
    hint = serializers.CharField()


class RebuildsView(APIView):
    """The rebuilds of a sample."""

    @extend_schema(responses={200: RebuildShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List them, newest first."""
        sample = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response([RebuildShape(one).data for one in rebuilds_of(sample)])

    @extend_schema(request=None, responses={202: RebuildShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Start one (reviewer), or return the one that is under way."""
        sample = sample_of(api_project(request, project, Role.REVIEWER), pk)
        regeneration_start(sample=sample, actor=api_actor(request))
        newest = rebuilds_of(sample)[0]
        return Response(RebuildShape(newest).data, status=status.HTTP_202_ACCEPTED)
