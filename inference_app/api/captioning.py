"""The API of captions by a captioner."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.selectors.footage import video_of
from inference_app.domain.captioners import CAPTIONERS
from inference_app.services.captioning import captioning_start
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project
from matteweb.jobs.events import job_facts
from matteweb.jobs.serializers import JobSerializer


class CaptionerShape(serializers.Serializer[Any]):
    """One captioner."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    why_not = serializers.CharField(help_text="why it cannot work here, or empty")


class CaptioningGiven(serializers.Serializer[Any]):
    """What is to be described. ``again``: texts of a model that nobody approved are made anew."""

    captioner = serializers.CharField()
    videos = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=10000)
    again = serializers.BooleanField(default=False)


class CaptioningView(APIView):
    """Videos described in words."""

    @extend_schema(responses={200: CaptionerShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List the captioners."""
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
                for one in CAPTIONERS
            ]
        )

    @extend_schema(request=CaptioningGiven, responses={202: JobSerializer, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Queue one job over all of them (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(CaptioningGiven, request)
        job = captioning_start(
            project=owner,
            videos=[video_of(owner, pk) for pk in dict.fromkeys(given["videos"])],
            captioner_slug=given["captioner"],
            again=given["again"],
            actor=api_actor(request),
        )
        return Response(job_facts(job), status=status.HTTP_202_ACCEPTED)
