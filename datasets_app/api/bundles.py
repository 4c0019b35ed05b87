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

from datasets_app.adapters.ranged_response import ranged_response, ranged_zip_response
from datasets_app.api import shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.models import Bundle
from datasets_app.selectors.bundles import (
    SampleFilter,
    bundle_candidates,
    bundle_file,
    bundle_of,
    bundles_of,
    category_counts,
    repeat_outlook,
)
from datasets_app.services import bundles, deletion
from datasets_app.services.bundles import BundleChoice
from datasets_app.services.export import bundle_archive
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.errors import BadInput, Conflict


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

    @extend_schema(request=shapes.OutlookGiven, responses={200: dict, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Return rows, repeats and shares per category, the licences, and the weights formula."""
        owner = api_project(request, project, Role.VIEWER)
        choice = bundle_choice(accepted(shapes.OutlookGiven, request))
        return Response(outlook_body(owner, choice))


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
    bundle = bundle_of(project, name)
    if bundle.manifest_blob is None:
        raise Conflict(f"bundle {name} is not frozen", hint="freeze it first")
    return ranged_response(request, bundle.manifest_blob, "application/json")


@require_safe
@project_api(Role.VIEWER)
def file(request: ProjectRequest, project: Project, name: str, path: str) -> HttpResponseBase:
    """Answer with one file of a frozen bundle, by range."""
    found = bundle_file(bundle_of(project, name), path)
    return ranged_response(request, found.blob, "application/octet-stream", path.split("/")[-1])


@require_safe
@project_api(Role.VIEWER)
def archive(request: ProjectRequest, project: Project, name: str) -> HttpResponseBase:
    """Answer with the whole bundle as a ZIP, by range; ``?root=`` is the trainer's mount root."""
    bundle = bundle_of(project, name)
    whole = bundle_archive(bundle, root=request.GET.get("root", ""))
    return ranged_zip_response(
        request, whole.layout, whole.locate, tag=whole.tag, filename=f"{bundle.name}.zip"
    )


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
        splits=_fractions(given["splits"]),
        split_seed=given["split_seed"],
        licence_reason=given["licence_reason"],
    )


def outlook_body(project: Project, choice: BundleChoice) -> dict[str, Any]:
    """Return what the choice gives, as the page and the API show it."""
    samples = bundle_candidates(project, choice.samples)
    counts = category_counts(samples)
    if not counts:
        return {"total": 0, "categories": [], "licences": [], "formula": "", "exact": True}
    plan = repeat_outlook(counts, shares=choice.shares, repeats=choice.repeats)
    sources = {count.category: count.sources for count in counts}
    return {
        "total": plan.total,
        "exact": plan.exact,
        "formula": plan.formula(),
        "categories": [
            {
                "category": line.category,
                "samples": line.samples,
                "sources": sources[line.category],
                "repeats": line.repeats,
                "rows": line.rows,
                "share": round(float(line.share * 100), 2),
                "target": None if line.target is None else round(float(line.target * 100), 2),
            }
            for line in plan.categories
        ],
        "licences": [
            {
                "licence": line.licence,
                "sources": line.sources,
                "samples": line.samples,
                "concerns": list(line.concerns),
                "sentence": line.sentence(),
            }
            for line in bundles.bundle_licences(samples)
        ],
    }


def _fractions(given: dict[str, str]) -> dict[str, Fraction]:
    try:
        return {name: Fraction(text) for name, text in given.items()}
    except (ValueError, ZeroDivisionError):
        raise BadInput(
            "a share is a number of percent", hint='e.g. {"object-paste": "2"}'
        ) from None
