"""The API of masks without a hand."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.selectors.footage import video_of
from inference_app.domain.automatic import MAKERS
from inference_app.services.masks.automatic_masks import make_start
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project
from matteweb.jobs.events import job_facts
from matteweb.jobs.serializers import JobSerializer


class MakerShape(serializers.Serializer[Any]):
    """One way to make masks."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    why_not = serializers.CharField(help_text="why it cannot run here, or empty")
    params_schema = serializers.DictField()


class MakingGiven(serializers.Serializer[Any]):
    """What is to be made."""

    maker = serializers.CharField()
    videos = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=1000)
    params = serializers.DictField(default=dict)
    per_object = serializers.BooleanField(default=False)


class AutomaticMasksView(APIView):
    """Masks made without a hand."""

    @extend_schema(responses={200: MakerShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List the makers with the schema of their parameters."""
        api_project(request, project, Role.VIEWER)
        return Response(
            [
                {
                    "slug": maker.info.slug,
                    "title": maker.info.label,
                    "summary": maker.info.summary,
                    "version": maker.info.version,
                    "why_not": maker.unavailable(),
                    "params_schema": maker.params.model_json_schema(),
                }
                for maker in MAKERS
            ]
        )

    @extend_schema(
        request=MakingGiven, responses={202: JobSerializer(many=True), **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Queue a job per video (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(MakingGiven, request)
        jobs = make_start(
            project=owner,
            videos=[video_of(owner, pk) for pk in dict.fromkeys(given["videos"])],
            maker_slug=given["maker"],
            params=given["params"],
            per_object=given["per_object"],
            actor=api_actor(request),
        )
        return Response([job_facts(job) for job in jobs], status=status.HTTP_202_ACCEPTED)
