"""The API of imports and of the layouts that they read.

An import begins when a ZIP arrives by the upload endpoint with the purpose library; it goes on
again as any job does.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api import shapes
from datasets_app.api.answers import REFUSALS
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.downloads import findings_response
from datasets_app.models import Asset, ImageSet, Mask, Video
from datasets_app.selectors.imports import ImportFacts, import_facts, import_of, imports_of
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_project
from matteweb.jobs.models import Job
from matteweb.jobs.states import JobState


class LayoutShape(serializers.Serializer[Any]):
    """A layout that trees come in by and go out in."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    summary = serializers.CharField()
    version = serializers.IntegerField()
    why_not = serializers.CharField(allow_blank=True, help_text="why it cannot be used here")


class ImportLineShape(serializers.ModelSerializer[Job]):
    """An import as lists show it; ``id`` is that of its job."""

    class Meta:
        model = Job
        fields = ("id", "title", "state", "error", "hint", "created_at", "finished_at")
        read_only_fields = fields


class UnreadyShape(serializers.Serializer[Any]):
    """A video, mask or asset that came in and cannot be used, or waits for an answer."""

    kind = serializers.SerializerMethodField()
    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.CharField()
    error = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)

    def get_kind(self, row: Video | Mask | Asset) -> str:
        """Return video, mask or asset."""
        return type(row).__name__.lower()


class ImportedSetShape(serializers.ModelSerializer[ImageSet]):
    """An image set that an import brought pictures to."""

    count = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImageSet
        fields = ("id", "name", "count")
        read_only_fields = fields


class ImportShape(serializers.Serializer[ImportFacts]):
    """One import: what was ``added``, what is ``there`` in all, how much was found by severity.

    ``reading``: how many rows are still read. ``unready``: the first of those that cannot be used.
    """

    id = serializers.IntegerField(source="job.pk")
    title = serializers.CharField(source="job.title")
    state = serializers.ChoiceField(JobState.choices, source="job.state")
    error = serializers.CharField(source="job.error", allow_blank=True)
    hint = serializers.CharField(source="job.hint", allow_blank=True)
    created_at = serializers.DateTimeField(source="job.created_at")
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)
    layout = serializers.CharField(allow_blank=True)
    added = serializers.DictField(child=serializers.IntegerField())
    there = serializers.DictField(child=serializers.IntegerField())
    severities = serializers.DictField(child=serializers.IntegerField())
    image_sets = ImportedSetShape(many=True)
    reading = serializers.IntegerField()
    unready = UnreadyShape(source="failed", many=True)


class LayoutsView(APIView):
    """The layouts."""

    @extend_schema(responses={200: LayoutShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them."""
        api_project(request, project, Role.VIEWER)
        return Response(
            [
                {
                    "slug": layout.info.slug,
                    "label": layout.info.label,
                    "summary": layout.info.summary,
                    "version": layout.info.version,
                    "why_not": layout.unavailable(),
                }
                for layout in LAYOUTS
            ]
        )


class ImportsView(ListAPIView[Job]):
    """The imports of a project."""

    serializer_class = ImportLineShape
    queryset = Job.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's imports."""
        return imports_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: ImportLineShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, newest first, a page at a time."""
        return self.list(request, *args, **kwargs)


class ImportView(APIView):
    """One import."""

    @extend_schema(responses={200: ImportShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return how far it is, what it brought and how much it found."""
        job = import_of(api_project(request, project, Role.VIEWER), pk)
        return Response(ImportShape(import_facts(job)).data)


class ImportFindingsView(APIView):
    """What an import found."""

    @extend_schema(
        operation_id="projects_imports_findings_list",
        parameters=[OpenApiParameter("form", enum=["csv", "json"], default="json")],
        responses={200: shapes.FindingShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, project: str, pk: int) -> HttpResponse:
        """Return every finding, errors first, as JSON or as a table."""
        job = import_of(api_project(request, project, Role.VIEWER), pk)
        return findings_response(job, request.query_params.get("form", "json"))
