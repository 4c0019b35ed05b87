"""The API of exports: bundles, image sets and the library as ZIPs of the layouts of other tools."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.downloads import export_response
from datasets_app.models import Asset, LayoutExport
from datasets_app.selectors.bundles import bundle_of
from datasets_app.selectors.image_sets import (
    ExportRow,
    export_of,
    exports_of,
    image_set_of,
    library_exports_of,
)
from datasets_app.services.freezing.export import bundle_manifest
from datasets_app.services.trees.layout_exports import (
    IMAGE_SET_LAYOUT,
    layout_export_start,
    layouts_for,
    library_export_start,
)
from datasets_app.services.trees.library_exports import library_layouts
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.jobs.states import JobState


class FitShape(serializers.Serializer[Any]):
    """How many samples of a bundle have a place in a layout, and why how many others have none."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    summary = serializers.CharField()
    fits = serializers.IntegerField()
    reasons = serializers.DictField(child=serializers.IntegerField())


class ExportShape(serializers.Serializer[ExportRow]):
    """An export; once ``state`` is done its ZIP is at ``exports/<id>/zip``. ``report``: how many
    entries were written, what was left out and why, and what of a sample has no place there."""

    id = serializers.IntegerField(source="export.pk")
    bundle = serializers.CharField(source="export.bundle.name", default=None, allow_null=True)
    image_set = serializers.IntegerField(source="export.image_set_id", allow_null=True)
    layout = serializers.CharField(source="export.layout")
    layout_version = serializers.IntegerField(source="export.layout_version")
    state = serializers.ChoiceField(JobState.choices)
    error = serializers.CharField(allow_blank=True)
    job = serializers.IntegerField(source="job.pk", default=None, allow_null=True)
    report = serializers.DictField(source="export.report")
    size = serializers.IntegerField(source="export.archive.size", default=None, allow_null=True)
    sha256 = serializers.CharField(source="export.archive_id", allow_null=True)
    created_at = serializers.DateTimeField(source="export.created_at")


class BundleExportGiven(serializers.Serializer[Any]):
    """The layout in which a bundle is to be written."""

    layout = serializers.CharField()


class ImageSetExportGiven(serializers.Serializer[Any]):
    """The layout in which an image set is to be written."""

    layout = serializers.ChoiceField([IMAGE_SET_LAYOUT], default=IMAGE_SET_LAYOUT)


class LibraryExportGiven(serializers.Serializer[Any]):
    """The layout in which assets, all of them or those of a kind and a side of the split, all
    videos with their masks, or all annotated videos are to be written."""

    layout = serializers.ChoiceField([one.slug for one in library_layouts()])
    kind = serializers.ChoiceField(Asset.Kind.choices, default="")
    side = serializers.ChoiceField(["train", "test", "out"], default="")


class BundleLayoutsView(APIView):
    """The layouts that a frozen bundle fits."""

    @extend_schema(responses={200: FitShape(many=True), **CHANGE_REFUSALS})
    def get(self, request: Request, project: str, name: str) -> Response:
        """List every layout, the most fitting first."""
        found = bundle_of(api_project(request, project, Role.VIEWER), name)
        return Response([asdict(one) for one in layouts_for(bundle_manifest(found))])


class BundleExportsView(APIView):
    """The exports of a frozen bundle."""

    @extend_schema(responses={200: ExportShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, name: str) -> Response:
        """List them, newest first."""
        found = bundle_of(api_project(request, project, Role.VIEWER), name)
        return Response([ExportShape(one).data for one in exports_of(bundle=found)])

    @extend_schema(request=BundleExportGiven, responses={202: ExportShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, name: str) -> Response:
        """Begin to write one, or return the one that is there or on its way."""
        owner = api_project(request, project, Role.VIEWER)
        found = bundle_of(owner, name)
        given = accepted(BundleExportGiven, request)
        made = layout_export_start(actor=api_actor(request), layout=given["layout"], bundle=found)
        return _begun(owner, made)


class ImageSetExportsView(APIView):
    """The exports of an image set."""

    @extend_schema(responses={200: ExportShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List them, newest first."""
        found = image_set_of(api_project(request, project, Role.VIEWER), pk)
        return Response([ExportShape(one).data for one in exports_of(image_set=found)])

    @extend_schema(request=ImageSetExportGiven, responses={202: ExportShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Begin to write the pictures that nobody rejected, a folder per class."""
        owner = api_project(request, project, Role.VIEWER)
        found = image_set_of(owner, pk)
        given = accepted(ImageSetExportGiven, request)
        made = layout_export_start(
            actor=api_actor(request), layout=given["layout"], image_set=found
        )
        return _begun(owner, made)


class LibraryExportsView(APIView):
    """The exports of a project's library."""

    @extend_schema(responses={200: ExportShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them, newest first."""
        owner = api_project(request, project, Role.VIEWER)
        return Response([ExportShape(one).data for one in library_exports_of(owner)])

    @extend_schema(request=LibraryExportGiven, responses={202: ExportShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Begin to write one."""
        owner = api_project(request, project, Role.VIEWER)
        given = accepted(LibraryExportGiven, request)
        made = library_export_start(
            project=owner,
            actor=api_actor(request),
            layout=given["layout"],
            selection={name: given[name] for name in ("kind", "side")},
        )
        return _begun(owner, made)


class ExportView(APIView):
    """One export."""

    @extend_schema(responses={200: ExportShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return how far it is and what it left out."""
        return Response(ExportShape(export_of(api_project(request, project, Role.VIEWER), pk)).data)


@require_safe
@project_api(Role.VIEWER)
def export_bytes(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the ZIP of an export, by range."""
    return export_response(request, export_of(project, pk).export)


def _begun(project: Project, made: LayoutExport) -> Response:
    found = export_of(project, made.pk)
    return Response(ExportShape(found).data, status=status.HTTP_202_ACCEPTED)
