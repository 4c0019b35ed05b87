"""The API of masks made of masks, and of masks for other tools."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.selectors.footage import video_of
from datasets_app.services.sources.mask_files import FORMS
from inference_app.domain.mask_tracks import COMBININGS, MOST_RADIUS, READINGS
from inference_app.selectors.mask_tracks import (
    export_facts,
    export_file,
    export_of,
    export_standings,
    tracks_numbered,
)
from inference_app.services.masks.mask_tracks import (
    MOST_TRACKS,
    Combination,
    export_start,
    masks_combine,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.jobs.events import job_facts
from matteweb.jobs.serializers import JobSerializer


class _Masks(serializers.Serializer[Any]):
    masks = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=MOST_TRACKS
    )


class CombinationGiven(_Masks):
    """Which masks become one, in which order, and how."""

    name = serializers.CharField(max_length=120)
    how = serializers.ChoiceField(COMBININGS, default="union")
    grow = serializers.IntegerField(default=0, min_value=-MOST_RADIUS, max_value=MOST_RADIUS)
    hard = serializers.BooleanField(default=False)


class MaskExportGiven(_Masks):
    """Which masks are written, and in which form."""

    form = serializers.ChoiceField(FORMS)
    reading = serializers.ChoiceField(READINGS, required=False, allow_blank=True)
    radius = serializers.IntegerField(default=0, min_value=0, max_value=MOST_RADIUS)


class MaskExportShape(serializers.Serializer[Any]):
    """One file of masks."""

    id = serializers.IntegerField()
    form = serializers.CharField()
    masks = serializers.ListField(child=serializers.CharField())
    reading = serializers.CharField()
    radius = serializers.IntegerField()
    state = serializers.CharField(help_text="ready, or the state of its job")
    bytes = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()


class MaskCombinationsView(APIView):
    """Masks made of masks."""

    @extend_schema(request=CombinationGiven, responses={202: JobSerializer, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Queue a new mask that is made of masks of this video (annotator)."""
        video = video_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(CombinationGiven, request)
        masks = tracks_numbered(video, given.pop("masks"))
        wish = Combination(**given)
        job = masks_combine(video=video, masks=masks, wish=wish, actor=api_actor(request))
        return Response(job_facts(job), status=status.HTTP_202_ACCEPTED)


class MaskExportsView(APIView):
    """Masks of a video for other tools."""

    @extend_schema(responses={200: MaskExportShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List the newest."""
        video = video_of(api_project(request, project, Role.VIEWER), pk)
        return Response([export_facts(one) for one in export_standings(video)])

    @extend_schema(request=MaskExportGiven, responses={202: MaskExportShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Queue a file (annotator)."""
        video = video_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(MaskExportGiven, request)
        masks = tracks_numbered(video, given.pop("masks"))
        export_start(video=video, masks=masks, actor=api_actor(request), **given)
        return Response(export_facts(export_standings(video)[0]), status=status.HTTP_202_ACCEPTED)


@require_safe
@project_api(Role.VIEWER)
def mask_export_bytes(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with a written file."""
    return ranged_response(request, *export_file(export_of(project, pk)))
