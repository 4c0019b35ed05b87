"""The API of guidance masks: which segmenters there are, and their masks of a sample."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.models import GuidanceSet
from datasets_app.selectors.samples import sample_of
from inference_app.domain.segmenters import SEGMENTERS
from inference_app.services.masks.guidance_sets import guidance_start
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class SegmenterShape(serializers.Serializer[Any]):
    """A segmenter whose masks can guide a matting network."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    why_not = serializers.CharField(allow_blank=True)


class GuidanceSetShape(serializers.ModelSerializer[GuidanceSet]):
    """Masks of one segmenter: layers ``mask_<place>_<instance>`` and ``unmatched_<place>``.

    ``report``: per instance the mean IoU and the frames that were matched, made up or without it;
    frames with a switch, and with a mask of nobody.
    """

    class Meta:
        model = GuidanceSet
        fields = ("id", "place", "name", "maker", "maker_version", "report", "created_at")
        read_only_fields = fields


class GuidanceGiven(serializers.Serializer[Any]):
    """Which segmenter is to look at a sample."""

    segmenter = serializers.CharField()


class GuidanceStarted(serializers.Serializer[Any]):
    """The job that makes the masks, null when they are there or on their way."""

    job = serializers.IntegerField(allow_null=True)


class SegmentersView(APIView):
    """The segmenters."""

    @extend_schema(responses={200: SegmenterShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them."""
        api_project(request, project, Role.VIEWER)
        return Response(
            [
                {
                    "slug": one.info.slug,
                    "title": one.info.label,
                    "summary": one.info.summary,
                    "version": one.info.version,
                    "why_not": one.unavailable(),
                }
                for one in SEGMENTERS
            ]
        )


class GuidanceView(APIView):
    """The guidance of a sample."""

    @extend_schema(responses={200: GuidanceSetShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List what segmenters made of it."""
        sample = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response(GuidanceSetShape(sample.guidance_sets.all(), many=True).data)

    @extend_schema(request=GuidanceGiven, responses={202: GuidanceStarted, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Let a segmenter look at it (lead)."""
        owner = api_project(request, project, Role.LEAD)
        sample = sample_of(owner, pk)
        jobs = guidance_start(
            project=owner,
            samples=[sample],
            segmenter=accepted(GuidanceGiven, request)["segmenter"],
            actor=api_actor(request),
        )
        answer = {"job": jobs[0].pk if jobs else None}
        return Response(answer, status=status.HTTP_202_ACCEPTED)
