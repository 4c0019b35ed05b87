"""The API of videos and stills. Files come in through the upload endpoint."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api import shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.models import Asset, Video
from datasets_app.selectors.footage import mask_of, still_of, stills_of, video_of, videos_of
from datasets_app.services.keeping import deletion
from datasets_app.services.sources import captions, footage, masks
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project


class VideosView(ListAPIView[Video]):
    """The videos of a project, newest first."""

    serializer_class = shapes.VideoShape
    queryset = Video.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's videos."""
        return videos_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: shapes.VideoShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, a page at a time."""
        return self.list(request, *args, **kwargs)


class StillsView(ListAPIView[Asset]):
    """The still pictures of a project, newest first."""

    serializer_class = shapes.StillShape
    queryset = Asset.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's stills."""
        return stills_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: shapes.StillShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, a page at a time."""
        return self.list(request, *args, **kwargs)


class VideoView(APIView):
    """One video."""

    @extend_schema(responses={200: shapes.VideoShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it with masks and captions."""
        found = video_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.VideoShape(found).data)

    @extend_schema(
        request=shapes.VideoChange, responses={200: shapes.VideoShape, **CHANGE_REFUSALS}
    )
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Change name, rights, tags, source group or split (annotator)."""
        found = video_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.VideoChange, request)
        _edit(request, found, given)
        if "split" in given:
            footage.video_place(video=found, split=given["split"], actor=api_actor(request))
        return Response(shapes.VideoShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead); nothing is lost."""
        found = video_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StillView(APIView):
    """One still picture."""

    @extend_schema(responses={200: shapes.StillShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it."""
        found = still_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.StillShape(found).data)

    @extend_schema(
        request=shapes.FootageChange, responses={200: shapes.StillShape, **CHANGE_REFUSALS}
    )
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Change name, rights, tags or source group (annotator)."""
        found = still_of(api_project(request, project, Role.ANNOTATOR), pk)
        _edit(request, found, accepted(shapes.FootageChange, request))
        return Response(shapes.StillShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead)."""
        found = still_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StillDecisionsView(APIView):
    """The questions that the reading of a still left open."""

    @extend_schema(
        request=shapes.DecisionGiven, responses={200: shapes.StillShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Answer one (annotator); after the last, reading goes on."""
        found = still_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.DecisionGiven, request)
        footage.footage_decide(footage=found, actor=api_actor(request), **given)
        return Response(shapes.StillShape(found).data)


class VideoDecisionsView(APIView):
    """The questions that ingest left open."""

    @extend_schema(
        request=shapes.DecisionGiven, responses={200: shapes.VideoShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Answer one (annotator); after the last, ingest goes on."""
        found = video_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.DecisionGiven, request)
        footage.footage_decide(footage=found, actor=api_actor(request), **given)
        return Response(shapes.VideoShape(found).data)


class VideoWithdrawalView(APIView):
    """A source whose use is no longer permitted."""

    @extend_schema(
        request=shapes.WithdrawalGiven, responses={200: shapes.BundleShape(many=True), **REFUSALS}
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Withdraw it (lead); return the frozen bundles that contain it, now marked."""
        found = video_of(api_project(request, project, Role.LEAD), pk)
        reason = accepted(shapes.WithdrawalGiven, request)["reason"]
        marked = deletion.video_withdraw(video=found, actor=api_actor(request), reason=reason)
        return Response(shapes.BundleShape(marked, many=True).data)


class VideoCaptionsView(APIView):
    """The captions of a video."""

    @extend_schema(
        request=shapes.CaptionGiven, responses={200: shapes.VideoShape, **CHANGE_REFUSALS}
    )
    def put(self, request: Request, project: str, pk: int) -> Response:
        """Write one length (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        found = video_of(owner, pk)
        captions.caption_set(
            video=found, actor=api_actor(request), **accepted(shapes.CaptionGiven, request)
        )
        return Response(shapes.VideoShape(video_of(owner, pk)).data)


class MaskView(APIView):
    """One mask."""

    @extend_schema(responses={200: shapes.MaskShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it."""
        found = mask_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.MaskShape(found).data)

    @extend_schema(
        request=shapes.MaskReadingGiven, responses={200: shapes.MaskShape, **CHANGE_REFUSALS}
    )
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Read the original again with another polarity or threshold (annotator)."""
        found = mask_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.MaskReadingGiven, request)
        masks.mask_reread(mask=found, actor=api_actor(request), **given)
        return Response(shapes.MaskShape(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Archive it (lead)."""
        found = mask_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _edit(request: Request, found: footage.Footage, given: dict[str, Any]) -> None:
    rights = footage.Rights(
        licence=given.get("licence", found.licence),
        licence_url=given.get("licence_url", found.licence_url),
        attribution=given.get("attribution", found.attribution),
    )
    footage.footage_edit(
        footage=found,
        actor=api_actor(request),
        name=given.get("name"),
        rights=rights,
        tags=given.get("tags"),
        source_group=given.get("source_group"),
    )
