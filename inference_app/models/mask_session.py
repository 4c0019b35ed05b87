"""Masks by hand: a person's work on one video, kept as what was drawn."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models import Mask, Video
from matteweb.accounts.models import User


class MaskSession(models.Model):
    """One piece of work on one video. ``engine``: slug of the engine that understands the marks."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="mask_sessions")
    name = models.CharField(max_length=120)
    engine = models.CharField(max_length=40)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


class MaskObject(models.Model):
    """Something that is being cut out. ``colour``: number of a colour of the page, 0..11.

    A locked object takes no marks. A removed one keeps its rows, so that removing can be undone.
    """

    session = models.ForeignKey(MaskSession, on_delete=models.CASCADE, related_name="mask_objects")
    number = models.IntegerField()
    name = models.CharField(max_length=80)
    colour = models.IntegerField()
    locked = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="mask_object_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="mask_object_number_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class InteractionKind(models.TextChoices):
    """What was done on a frame."""

    CLICK = "click", "Click"
    SCRIBBLE = "scribble", "Scribble"
    BOX = "box", "Box"
    OUTLINE = "outline", "Outline"
    BRUSH = "brush", "Brush"
    FILL = "fill", "Fill holes"
    COPY = "copy", "Copy of another frame"


class Interaction(models.Model):
    """One drag, as drawn: nothing is overwritten, what is undone stays with its time.

    ``points``: [[x, y], ...] in pixels of the video, 0 is the centre of the first pixel;
    ``pressure``: one number 0..1 per point, or none. ``radius``: px of the video. ``soft``: share
    of the radius. ``source_frame``: of a copy. ``before``: PNG of what the engine had made of the
    object on this frame before its first mark, so that the mask can be made again.
    ``dropped``: undone, and something else was done since.
    """

    session = models.ForeignKey(MaskSession, on_delete=models.CASCADE, related_name="interactions")
    object = models.ForeignKey(MaskObject, on_delete=models.CASCADE, related_name="interactions")
    frame = models.IntegerField()
    kind = models.CharField(max_length=10, choices=InteractionKind.choices)
    positive = models.BooleanField(default=True)
    points = models.JSONField(default=list)
    pressure = models.JSONField(default=list)
    radius = models.FloatField(default=3)
    soft = models.FloatField(default=0)
    source_frame = models.IntegerField(null=True)
    before = models.BinaryField(default=bytes)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    dropped = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["session", "object", "frame"], name="interaction_place")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(frame__gte=0), name="interaction_frame_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=InteractionKind.values), name="interaction_kind_known"
            ),
        ]


class MaskVersion(models.Model):
    """What was saved as masks of the video, once; a later version does not change it.

    ``provenance``: {engine, engine_version, code_version, interactions (newest id), objects}.
    """

    session = models.ForeignKey(MaskSession, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    provenance = models.JSONField(default=dict)
    masks = models.ManyToManyField(Mask, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="mask_version_number_once")
        ]
