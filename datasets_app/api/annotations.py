"""The API of annotated videos: what was drawn, what its labels mean, what follows from that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, get_args

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api.answers import CHANGE_REFUSALS, REFUSALS, accepted
from datasets_app.api.shapes import FindingShape
from datasets_app.domain.annotation.relabel import Match, changes
from datasets_app.domain.annotation.relabel import Role as LabelRole
from datasets_app.models import Annotation
from datasets_app.selectors.image_sets import annotation_of, annotations_of
from datasets_app.services.sources.annotations import (
    annotation_findings,
    annotation_map,
    annotation_rule,
    annotation_tracks,
)
from matteweb.accounts.models import Role
from matteweb.accounts.web import api_actor, api_project

LABEL_ROLES = [(one, one) for one in get_args(LabelRole)]
MATCHES = get_args(Match)


class LabelRuleShape(serializers.Serializer[Any]):
    """What a label means: an object of the class ``label``, the area of a fault that makes objects
    of that class, or nothing."""

    role = serializers.ChoiceField(LABEL_ROLES)
    label = serializers.CharField(max_length=60, allow_blank=True, default="")  # type: ignore[assignment]


class MappingShape(serializers.Serializer[Any]):
    """What the labels mean. ``match``: a fault belongs to the objects that it overlaps, to those of
    its group, or to all on its frames. ``overrides``: number of a track -> class of all of it, ""
    leaves it out."""

    labels = serializers.DictField(child=LabelRuleShape())
    match = serializers.ChoiceField(MATCHES, default="overlap")
    least_overlap = serializers.FloatField(
        min_value=0, max_value=1, default=0.1, help_text="share of the fault's box"
    )
    whole_track = serializers.BooleanField(default=False)
    overrides = serializers.DictField(child=serializers.CharField(allow_blank=True), default=dict)


class AnnotationLineShape(serializers.ModelSerializer[Annotation]):
    """An annotated video as lists show it; ``sha256`` is that of the stored tracks."""

    video_name = serializers.CharField(source="video.name", read_only=True)
    sha256 = serializers.CharField(source="original_id", read_only=True)

    class Meta:
        model = Annotation
        fields = ("id", "name", "video", "video_name", "facts", "sha256", "created_at")
        read_only_fields = fields


class AnnotationTrackShape(serializers.Serializer[Any]):
    """One track, from frame ``first`` to ``last``; ``group`` 0 is none."""

    number = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.IntegerField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class RelabelledShape(serializers.Serializer[Any]):
    """A track of another class on these frames, ``because`` of these tracks or ``by_hand``."""

    track = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    becomes = serializers.CharField(allow_blank=True)
    frames = serializers.ListField(child=serializers.IntegerField())
    because = serializers.ListField(child=serializers.IntegerField())
    by_hand = serializers.BooleanField()


class AnnotationShape(serializers.Serializer[Any]):
    """An annotated video, the meaning of its labels, what follows from it, and what is wrong."""

    annotation = AnnotationLineShape()
    mapping = MappingShape()
    tracks = AnnotationTrackShape(many=True)
    changes = RelabelledShape(many=True)
    findings = FindingShape(many=True)


class AnnotationsView(ListAPIView[Annotation]):
    """The annotated videos of a project."""

    serializer_class = AnnotationLineShape
    queryset = Annotation.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's annotations."""
        return annotations_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: AnnotationLineShape(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List them by video, a page at a time."""
        return self.list(request, *args, **kwargs)


class AnnotationView(APIView):
    """One annotated video."""

    @extend_schema(responses={200: AnnotationShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return its tracks, the meaning of its labels, and which objects turn faulty."""
        found = annotation_of(api_project(request, project, Role.VIEWER), pk)
        return Response(_detail(found))

    @extend_schema(request=MappingShape, responses={200: AnnotationShape, **CHANGE_REFUSALS})
    def put(self, request: Request, project: str, pk: int) -> Response:
        """Give the labels another meaning (annotator); sets that were cut before keep theirs."""
        found = annotation_of(api_project(request, project, Role.ANNOTATOR), pk)
        mapping = accepted(MappingShape, request)
        annotation_map(annotation=found, mapping=mapping, actor=api_actor(request))
        return Response(_detail(found))


def _detail(row: Annotation) -> dict[str, Any]:
    tracks, rule = annotation_tracks(row), annotation_rule(row)
    return {
        "annotation": AnnotationLineShape(row).data,
        "mapping": rule.model_dump(mode="json"),
        "tracks": AnnotationTrackShape(tracks.tracks, many=True).data,
        "changes": [asdict(one) for one in changes(tracks, rule)],
        "findings": [one.as_json() for one in annotation_findings(row, tracks)],
    }
