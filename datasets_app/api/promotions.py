"""The API of making a foreground of a sample."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS
from datasets_app.models import Asset
from datasets_app.selectors.samples import sample_of
from datasets_app.services.sources.promotion import sample_promote
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class ForegroundShape(serializers.ModelSerializer[Asset]):
    """A foreground that was made of a sample."""

    class Meta:
        model = Asset
        fields = ("id", "name", "kind", "state", "source_group", "licence", "attribution")
        read_only_fields = fields


class ForegroundView(APIView):
    """The foreground of a sample."""

    @extend_schema(request=None, responses={201: ForegroundShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Make a foreground of an accepted sample (lead)."""
        sample = sample_of(api_project(request, project, Role.LEAD), pk)
        asset = sample_promote(sample=sample, actor=api_actor(request))
        return Response(ForegroundShape(asset).data, status=status.HTTP_201_CREATED)
