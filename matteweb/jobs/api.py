"""The API of jobs: snapshot and what is newer, one job, cancel, retry."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matteweb.accounts.api_errors import ErrorSerializer
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project
from matteweb.jobs import selectors, serializers, services
from matteweb.jobs.events import job_detail, job_facts
from matteweb.jobs.models import Job
from matteweb.jobs.permissions import require_steering

ERROR = OpenApiResponse(ErrorSerializer)
REFUSALS: dict[int, Any] = {401: ERROR, 403: ERROR, 404: ERROR}


class JobsView(APIView):
    """The jobs of a project."""

    @extend_schema(
        operation_id="projects_jobs_list",
        parameters=[serializers.SnapshotQuery],
        responses={200: serializers.SnapshotSerializer, 400: ERROR, **REFUSALS},
    )
    def get(self, request: Request, project: str) -> Response:
        """Return what has not ended and the last that have; or all that changed since."""
        asked = serializers.SnapshotQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = api_project(request, project, Role.VIEWER)
        return Response(selectors.snapshot(found, **asked.validated_data))


class JobView(APIView):
    """One job."""

    @extend_schema(responses={200: serializers.JobDetailSerializer, **REFUSALS})
    def get(self, request: Request, project: str, job: int) -> Response:
        """Return all that is known of the job."""
        found = api_project(request, project, Role.VIEWER)
        return Response(job_detail(selectors.job_in(found, job)))


class JobCancelView(APIView):
    """Stopping a job."""

    @extend_schema(request=None, responses={200: serializers.JobSerializer, 409: ERROR, **REFUSALS})
    def post(self, request: Request, project: str, job: int) -> Response:
        """Stop the job; a running one stops within seconds, and what is finished is kept."""
        found = _steerable(request, project, job)
        return Response(job_facts(services.job_cancel(job=found, actor=api_actor(request))))


class JobRetryView(APIView):
    """Starting a job again."""

    @extend_schema(request=None, responses={200: serializers.JobSerializer, 409: ERROR, **REFUSALS})
    def post(self, request: Request, project: str, job: int) -> Response:
        """Queue a failed or cancelled job again; it goes on from where it stopped."""
        found = _steerable(request, project, job)
        return Response(job_facts(services.job_retry(job=found, actor=api_actor(request))))


def _steerable(request: Request, project: str, job_id: int) -> Job:
    """Return a job that the asking user may stop and start."""
    job = selectors.job_in(api_project(request, project, Role.ANNOTATOR), job_id)
    require_steering(request.user, job)
    return job
