"""The API of bundles: ask what a choice gives, freeze it, take it away file by file or whole."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api import shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.downloads import archive_response, file_response, manifest_response
from datasets_app.models import Bundle
from datasets_app.selectors.bundles import (
    SampleFilter,
    bundle_of,
    bundles_of,
)
from datasets_app.services.freezing import bundles
from datasets_app.services.freezing.bundle_choice import BundleChoice, exact_number
from datasets_app.services.freezing.bundle_outlook import bundle_outlook
from datasets_app.services.keeping import deletion
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.errors import BadInput


class BundlesView(ListAPIView[Bundle]):
    """The bundles of a project."""

    serializer_class = shapes.BundleShape
    queryset = Bundle.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's bundles."""
        return bundles_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: shapes.BundleShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request=shapes.FreezeGiven, responses={201: shapes.BundleShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Make one and freeze it (lead); ``state`` becomes frozen when its job is through."""
        owner = api_project(request, project, Role.LEAD)
        given = accepted(shapes.FreezeGiven, request)
        choice = bundle_choice(given)
        bundle = bundles.bundle_create_frozen(
            project=owner, name=given["name"], choice=choice, actor=api_actor(request)
        )
        return Response(shapes.BundleShape(bundle).data, status=status.HTTP_201_CREATED)


class OutlookView(APIView):
    """What a choice would give."""

    @extend_schema(
        request=shapes.OutlookGiven, responses={200: shapes.OutlookShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Return rows, repeats and shares, splits, licences, the weights formula, what blocks."""
        owner = api_project(request, project, Role.VIEWER)
        choice = bundle_choice(accepted(shapes.OutlookGiven, request))
        return Response(bundle_outlook(project=owner, choice=choice).as_json())


class BundleView(APIView):
    """One bundle."""

    @extend_schema(responses={200: shapes.BundleShape, **REFUSALS})
    def get(self, request: Request, project: str, name: str) -> Response:
        """Return it."""
        found = bundle_of(api_project(request, project, Role.VIEWER), name)
        return Response(shapes.BundleShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, name: str) -> Response:
        """Archive it (lead)."""
        found = bundle_of(api_project(request, project, Role.LEAD), name)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@require_safe
@project_api(Role.VIEWER)
def manifest(request: ProjectRequest, project: Project, name: str) -> HttpResponseBase:
    """Answer with the canonical bytes of a frozen bundle's manifest."""
    return manifest_response(request, bundle_of(project, name))


@require_safe
@project_api(Role.VIEWER)
def file(request: ProjectRequest, project: Project, name: str, path: str) -> HttpResponseBase:
    """Answer with one file of a frozen bundle, by range; ``?root=`` as for the archive, and
    ``?rows=weights`` for training lists with one row for each sample and its weight."""
    return file_response(request, bundle_of(project, name), path)


@require_safe
@project_api(Role.VIEWER)
def archive(request: ProjectRequest, project: Project, name: str) -> HttpResponseBase:
    """Answer with the whole bundle as a ZIP, by range; ``?root=`` is the trainer's mount root."""
    return archive_response(request, bundle_of(project, name))


def bundle_choice(given: dict[str, Any]) -> BundleChoice:
    """Return the choice that a request means. Raises BadInput for a share that is no number."""
    chosen = given.get("samples") or {}
    return BundleChoice(
        samples=SampleFilter(
            runs=tuple(chosen.get("runs", ())),
            categories=tuple(chosen.get("categories", ())),
            least_frames=chosen.get("least_frames", 0),
            ids=tuple(chosen.get("ids", ())),
        ),
        shares=_fractions(given["shares"]),
        repeats=given["repeats"],
        most_rows=given["most_rows"],
        splits=_fractions(given["splits"]),
        split_seed=given["split_seed"],
        keep_splits=given["keep_splits"],
        licence_reason=given["licence_reason"],
    )


def _fractions(given: dict[str, str]) -> dict[str, Fraction]:
    try:
        return {name: exact_number(text) for name, text in given.items()}
    except ValueError:
        raise BadInput(
            "a share is a number of percent", hint='e.g. {"object-paste": "2"}'
        ) from None
