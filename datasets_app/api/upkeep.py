"""The API of what is kept beside the story: caption files, files of objects, the archive."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import FileUploadParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.api import shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS
from datasets_app.domain.captions import CaptionForm
from datasets_app.selectors.archived import archived_row, archived_rows
from datasets_app.selectors.files import object_file
from datasets_app.services.keeping import deletion
from datasets_app.services.sources import captions
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.errors import BadInput

FORMS: dict[str, CaptionForm] = {"list": "list", "dict": "dict"}
MOST_CAPTION_BYTES = 16 * 1024**2


class CaptionsView(APIView):
    """The captions of all videos of a project, as one file."""

    parser_classes = (FileUploadParser,)

    @extend_schema(
        parameters=[OpenApiParameter("form", enum=sorted(FORMS), default="list")],
        responses={200: OpenApiTypes.OBJECT, **REFUSALS},
    )
    def get(self, request: Request, project: str) -> HttpResponse:
        """Return them as a list with ``path`` and lengths, or as a dict by name."""
        owner = api_project(request, project, Role.VIEWER)
        wanted = request.query_params.get("form", "list")
        if wanted not in FORMS:
            raise BadInput(f"there is no caption form {wanted!r}", hint="list or dict")
        data = captions.captions_export(project=owner, form=FORMS[wanted])
        return HttpResponse(data, content_type="application/json")

    @extend_schema(
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: shapes.CaptionsImported, **CHANGE_REFUSALS},
    )
    def post(self, request: Request, project: str) -> Response:
        """Write a caption file of either form onto the videos, matched by name (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        data = request._request.read(MOST_CAPTION_BYTES + 1)
        if len(data) > MOST_CAPTION_BYTES:
            raise BadInput("the caption file is larger than 16 MiB", hint="divide it")
        count, findings = captions.captions_import(
            project=owner, data=data, filename="captions.json", actor=api_actor(request)
        )
        return Response(
            {"captioned": count, "findings": [finding.as_json() for finding in findings]}
        )


class ArchiveView(APIView):
    """What was archived."""

    @extend_schema(responses={200: shapes.ArchivedShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List it, newest first."""
        owner = api_project(request, project, Role.VIEWER)
        return Response([asdict(row) for row in archived_rows(owner)])


class ArchivedView(APIView):
    """One archived object; ``kind`` is video, still, mask, image_set, run, sample or bundle."""

    @extend_schema(
        operation_id="projects_archive_dependents_list",
        responses={200: shapes.DependentShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, project: str, kind: str, pk: int) -> Response:
        """Say what depends on it, before it is deleted."""
        row = archived_row(api_project(request, project, Role.VIEWER), kind, pk)
        return Response([asdict(one) for one in deletion.dependents_of(row)])

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def post(self, request: Request, project: str, kind: str, pk: int) -> Response:
        """Bring it back (lead)."""
        row = archived_row(api_project(request, project, Role.LEAD), kind, pk)
        deletion.row_restore(row=row, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=None, responses={200: shapes.DependentShape(many=True), **CHANGE_REFUSALS}
    )
    def delete(self, request: Request, project: str, kind: str, pk: int) -> Response:
        """Delete it for good (lead); return what depended on it."""
        row = archived_row(api_project(request, project, Role.LEAD), kind, pk)
        found = deletion.row_delete(row=row, actor=api_actor(request))
        return Response([asdict(one) for one in found])


@require_safe
@project_api(Role.VIEWER)
def object_bytes(
    request: ProjectRequest, project: Project, kind: str, pk: int, what: str
) -> HttpResponseBase:
    """Answer with a delivery, index, poster, filmstrip, master or original, by range."""
    found = object_file(project, kind, pk, what)
    return ranged_response(request, found.blob, found.media_type, found.filename)
