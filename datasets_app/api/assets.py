"""The API of assets: foregrounds with alpha, and backgrounds. Files come in through the upload
endpoint with the purpose foreground, background or matte."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.api.shapes import FootageChange
from datasets_app.domain.assets.list_files import parse_list
from datasets_app.models import Asset
from datasets_app.selectors.assets import asset_of, assets_chosen
from datasets_app.services.keeping import deletion
from datasets_app.services.sources import asset_lists, assets, footage
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class AssetShape(serializers.ModelSerializer[Asset]):
    """An asset; ``measures`` is what its index came to: box, area, soft share, sharpness."""

    sha256 = serializers.CharField(source="original_id", read_only=True)
    alpha_sha256 = serializers.CharField(source="alpha_original_id", read_only=True)

    class Meta:
        model = Asset
        fields = (
            *("id", "name", "filename", "kind", "state", "error", "hint", "findings", "facts"),
            *("licence", "licence_url", "attribution", "source_group", "tags", "created_at"),
            *("frames", "width", "height", "fps_num", "fps_den", "sha256", "alpha_sha256"),
            *("measures", "origin_path", "split", "excluded", "withdrawn_at"),
        )


class AssetChange(FootageChange):
    """What a person may say of an asset; what is left out stays as it is."""

    split = serializers.ChoiceField(choices=["", "train", "test"], required=False)
    excluded = serializers.CharField(required=False, allow_blank=True, max_length=200)


class AssetListShape(serializers.Serializer[Any]):
    """A list file: a path or file name per entry."""

    entries = serializers.ListField(child=serializers.CharField(max_length=500))


class ListReadingShape(serializers.Serializer[Any]):
    """What a list came to: entries that name nothing here, and assets that it does not name."""

    changed = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    extra = serializers.ListField(child=serializers.CharField())


class AssetsView(ListAPIView[Asset]):
    """The assets of a project, newest first."""

    serializer_class = AssetShape
    queryset = Asset.objects.none()

    def get_queryset(self) -> Any:
        """Return those of the kind and side that the query asks for."""
        project = api_project(self.request, self.kwargs["project"], Role.VIEWER)
        asked = self.request.query_params
        return assets_chosen(project, kind=asked.get("kind", ""), side=asked.get("side", ""))

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", enum=Asset.Kind.values),
            OpenApiParameter("side", enum=["train", "test", "out"]),
        ],
        responses={200: AssetShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, a page at a time."""
        return self.list(request, *args, **kwargs)


class AssetListView(APIView):
    """One of the published lists: fg_train.txt, fg_test.txt, bg_train.txt, bg_test.txt, or
    invalid_him.txt."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", enum=Asset.Kind.values),
            OpenApiParameter("side", enum=["train", "test", "out"]),
        ],
        responses={200: AssetListShape, **REFUSALS},
    )
    def get(self, request: Request, project: str, name: str) -> Response:
        """Return it as it stands, or of a kind and side."""
        owner, asked = api_project(request, project, Role.VIEWER), request.query_params
        data = asset_lists.asset_list_write(
            project=owner, name=name, kind=asked.get("kind", ""), side=asked.get("side", "")
        )
        return Response({"entries": list(parse_list(data))})

    @extend_schema(request=AssetListShape, responses={200: ListReadingShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, name: str) -> Response:
        """Put what it names on its side, or leave it out (annotator); what does not fit is told."""
        owner = api_project(request, project, Role.ANNOTATOR)
        entries = accepted(AssetListShape, request)["entries"]
        found = asset_lists.asset_list_apply(
            project=owner, name=name, data="\n".join(entries).encode(), actor=api_actor(request)
        )
        return Response(found.as_json())


class AssetView(APIView):
    """One asset."""

    @extend_schema(responses={200: AssetShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it."""
        return Response(AssetShape(asset_of(api_project(request, project, Role.VIEWER), pk)).data)

    @extend_schema(request=AssetChange, responses={200: AssetShape, **CHANGE_REFUSALS})
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Change name, rights, tags, source group, side, or leave it out (annotator)."""
        found = asset_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(AssetChange, request)
        chosen = {name: given.pop(name) for name in ("split", "excluded") if name in given}
        rights = {
            name: given.pop(name, getattr(found, name))
            for name in ("licence", "licence_url", "attribution")
        }
        actor = api_actor(request)
        footage.footage_edit(footage=found, actor=actor, rights=footage.Rights(**rights), **given)
        assets.asset_choose(asset=found, actor=actor, **chosen)
        return Response(AssetShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead); nothing is lost."""
        found = asset_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
