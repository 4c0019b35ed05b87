"""The API of image sets: cut, judged, exported, taken away picture by picture."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.domain.annotation.cutting import CutParams
from datasets_app.downloads import set_picture_response
from datasets_app.models import ImageSet, SetPicture
from datasets_app.models.sample import ReviewState
from datasets_app.selectors.image_sets import (
    annotation_of,
    class_counts,
    cutting_job,
    image_set_of,
    image_sets_of,
    pictures_of,
    set_picture_of,
)
from datasets_app.services.keeping import deletion
from datasets_app.services.trees import image_sets
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.jobs.states import JobState

ACTS = ("accept", "reject", "reopen", "label")


class ImageSetLineShape(serializers.ModelSerializer[ImageSet]):
    """An image set as lists show it: how many pictures, of the class good, and judged."""

    count = serializers.IntegerField(read_only=True)
    good = serializers.IntegerField(read_only=True)
    judged = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImageSet
        fields = ("id", "name", "licence", "attribution", "created_at", "count", "good", "judged")
        read_only_fields = fields


class ClassShape(serializers.Serializer[Any]):
    """One class of one split."""

    split = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    masks = serializers.IntegerField(help_text="pictures with a mask of the fault")


class CuttingShape(serializers.Serializer[Any]):
    """The job that cuts the pictures."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(JobState.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)


class ImageSetShape(serializers.Serializer[Any]):
    """An image set. ``recipe``: how it was cut, empty for one that came as a tree; ``job``: null
    for such a one."""

    image_set = ImageSetLineShape()
    recipe = serializers.DictField()
    classes = ClassShape(many=True)
    job = CuttingShape(allow_null=True)


class CutGiven(serializers.Serializer[Any]):
    """A set to be cut out of annotated videos; ``params`` are take, every, margin, square,
    least_side, one_anomaly, test_share and seed, what is left out has its default."""

    name = serializers.CharField(max_length=120)
    annotations = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)
    params = serializers.DictField(default=dict)


class SetPictureShape(serializers.ModelSerializer[SetPicture]):
    """A picture of a set; ``origin`` says where it was cut, ``mask_sha256`` is null without one."""

    sha256 = serializers.CharField(source="picture_id", read_only=True)
    mask_sha256 = serializers.CharField(source="mask_id", read_only=True, allow_null=True)

    class Meta:
        model = SetPicture
        fields = (
            *("id", "split", "label", "name", "width", "height", "origin", "review"),
            *("sha256", "mask_sha256"),
        )
        read_only_fields = fields


class JudgementGiven(serializers.Serializer[Any]):
    """One act on many pictures of a set; ``label`` is the class that ``act`` label puts them in."""

    act = serializers.ChoiceField(ACTS)
    pictures = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)
    label = serializers.CharField(max_length=80, allow_blank=True, default="")  # type: ignore[assignment]


class JudgedShape(serializers.Serializer[Any]):
    """How many pictures were changed."""

    changed = serializers.IntegerField()


class ImageSetsView(ListAPIView[ImageSet]):
    """The image sets of a project."""

    serializer_class = ImageSetLineShape
    queryset = ImageSet.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's sets."""
        return image_sets_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: ImageSetLineShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them, newest first, a page at a time."""
        return self.list(request, *args, **kwargs)

    @extend_schema(request=CutGiven, responses={201: ImageSetShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Begin to cut a set out of annotated videos (annotator); ``job`` does it."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(CutGiven, request)
        made, _ = image_sets.image_set_start(
            project=owner,
            name=given["name"],
            annotations=[annotation_of(owner, pk) for pk in given["annotations"]],
            params=CutParams.read(given["params"]),
            actor=api_actor(request),
        )
        found = image_set_of(owner, made.pk)
        return Response(_detail(found), status=status.HTTP_201_CREATED)


class ImageSetView(APIView):
    """One image set."""

    @extend_schema(responses={200: ImageSetShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return its classes, and how far its cutting is."""
        return Response(_detail(image_set_of(api_project(request, project, Role.VIEWER), pk)))

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Take it out of the lists (lead); its pictures stay stored."""
        found = image_set_of(api_project(request, project, Role.LEAD), pk)
        deletion.row_archive(row=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SetPicturesView(ListAPIView[SetPicture]):
    """The pictures of an image set; their bytes are at ``pictures/<id>/picture`` and ``/mask``."""

    serializer_class = SetPictureShape
    queryset = SetPicture.objects.none()

    def get_queryset(self) -> Any:
        """Return those of the split, class and state of review that the query asks for."""
        project = api_project(self.request, self.kwargs["project"], Role.VIEWER)
        asked = self.request.query_params
        chosen = {name: asked.get(name, "") for name in ("split", "label", "review")}
        return pictures_of(image_set_of(project, self.kwargs["pk"]), **chosen)

    @extend_schema(
        parameters=[
            OpenApiParameter("split"),
            OpenApiParameter("label"),
            OpenApiParameter("review", enum=ReviewState.values),
        ],
        responses={200: SetPictureShape(many=True), **REFUSALS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them by split, class and name, a page at a time."""
        return self.list(request, *args, **kwargs)


class JudgementsView(APIView):
    """Judging pictures."""

    @extend_schema(request=JudgementGiven, responses={200: JudgedShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Accept, reject, reopen or relabel pictures of a set (reviewer)."""
        found = image_set_of(api_project(request, project, Role.REVIEWER), pk)
        given = accepted(JudgementGiven, request)
        count = image_sets.pictures_judge(image_set=found, **given, actor=api_actor(request))
        return Response({"changed": count})


@require_safe
@project_api(Role.VIEWER)
def picture_bytes(
    request: ProjectRequest, project: Project, pk: int, what: str
) -> HttpResponseBase:
    """Answer with a picture of a set, or with its mask, by range."""
    return set_picture_response(request, set_picture_of(project, pk), what)


def _detail(found: ImageSet) -> dict[str, Any]:
    work = cutting_job(found)
    return {
        "image_set": ImageSetLineShape(found).data,
        "recipe": found.recipe,
        "classes": [asdict(one) for one in class_counts(found)],
        "job": None if work is None else CuttingShape(work).data,
    }
