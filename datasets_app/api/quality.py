"""The API of what was measured."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import REFUSALS
from datasets_app.downloads import sample_findings_response
from datasets_app.selectors.footage import video_of
from datasets_app.selectors.quality import ANY_FINDING, quality_of_sample, quality_of_video
from datasets_app.selectors.samples import sample_of
from datasets_app.services.quality import tracks_of
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_project


class QualityFindingShape(serializers.Serializer[Any]):
    """Something found in frames ``first`` to ``last`` of ``layers``; ``strength`` is 0..1.

    ``box``: x, y, width and height in pixels of where to look, null for the whole frame; ``advice``
    says what to do.
    """

    metric = serializers.CharField()
    title = serializers.CharField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()
    layers = serializers.ListField(child=serializers.CharField())
    box = serializers.ListField(
        child=serializers.IntegerField(), min_length=4, max_length=4, allow_null=True
    )
    words = serializers.CharField()
    advice = serializers.CharField()
    text = serializers.CharField()
    strength = serializers.FloatField()


class SampleFindingShape(QualityFindingShape):
    """The same with the sample in which it was found."""

    sample = serializers.IntegerField()
    name = serializers.CharField()
    review = serializers.CharField()


class CropShape(serializers.Serializer[Any]):
    """A part of one frame that is hard to judge: ``box`` is x, y, width, height in pixels."""

    frame = serializers.IntegerField()
    box = serializers.ListField(child=serializers.IntegerField(), min_length=4, max_length=4)
    hardness = serializers.FloatField()


class TrackShape(serializers.Serializer[Any]):
    """One metric: a value per frame, null where it has none; ``alert`` is the level in force.

    ``scale`` is the value that strips draw hottest.
    """

    metric = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    unit = serializers.CharField(allow_blank=True)
    better = serializers.ChoiceField(["low", "high", "none"])
    total = serializers.FloatField(allow_null=True)
    alert = serializers.FloatField(allow_null=True)
    scale = serializers.FloatField(allow_null=True)
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))


class QualityShape(serializers.Serializer[Any]):
    """What was measured of a sample or of a mask on its video, from which versions and digests."""

    kind = serializers.ChoiceField(["sample", "mask"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "measured", "failed"])
    error = serializers.CharField(allow_blank=True)
    score = serializers.FloatField()
    finding = serializers.CharField(allow_blank=True)
    findings = QualityFindingShape(many=True)
    crops = CropShape(many=True)
    totals = serializers.DictField(child=serializers.FloatField(allow_null=True))
    versions = serializers.DictField(child=serializers.IntegerField())
    inputs = serializers.DictField(child=serializers.CharField())
    frames = serializers.IntegerField()
    tracks = TrackShape(many=True)


class VideoQualityShape(serializers.Serializer[Any]):
    """One report per ready mask of a video."""

    masks = QualityShape(many=True)


class SampleQualityView(APIView):
    """What was measured of one sample."""

    @extend_schema(responses={200: QualityShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return findings, edge crops and the numbers of every frame."""
        sample = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response(tracks_of(quality_of_sample(sample)))


class VideoQualityView(APIView):
    """What was measured of one video's masks."""

    @extend_schema(responses={200: VideoQualityShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return a report for each mask that is ready."""
        video = video_of(api_project(request, project, Role.VIEWER), pk)
        return Response({"masks": [tracks_of(one) for one in quality_of_video(video)]})


class FindingsView(APIView):
    """What was found in the samples of a project."""

    @extend_schema(
        operation_id="projects_findings_list",
        parameters=[
            OpenApiParameter("metric", str, default=ANY_FINDING),
            OpenApiParameter("form", enum=["csv", "json"], default="json"),
        ],
        responses={200: SampleFindingShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, project: str) -> HttpResponse:
        """Return every finding, the sample with the worst first, as JSON or as a table."""
        asked = request.query_params
        return sample_findings_response(
            api_project(request, project, Role.VIEWER),
            asked.get("metric", ANY_FINDING),
            asked.get("form", "json"),
        )
