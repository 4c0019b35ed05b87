"""Labelled pictures in classes, reviewed one by one, from which a defect model learns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob
from datasets_app.models.sample import ReviewState
from matteweb.accounts.models import Project, User


class ImageSet(models.Model):
    """One class of things, good and faulty. ``recipe``: how its pictures were cut, {} for a set
    that came as a tree: {"params": CutParams, "annotations": [id], "digests": [sha256]}."""

    noun: ClassVar[str] = "image set"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="image_sets")
    name = models.CharField(max_length=120)
    recipe = models.JSONField(default=dict)
    licence = models.CharField(max_length=80, default="")
    attribution = models.TextField(default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "name"], name="image_set_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SetPicture(models.Model):
    """One picture. ``picture`` holds its bytes as they came; ``mask`` is where the fault lies.
    ``origin``: {"video", "track", "frame", "box", "digest"} as far as they are known."""

    image_set = models.ForeignKey(ImageSet, on_delete=models.CASCADE, related_name="pictures")
    split = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    name = models.CharField(max_length=255)
    picture = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    mask = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    width = models.IntegerField()
    height = models.IntegerField()
    origin = models.JSONField(default=dict)
    review = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.PENDING
    )
    reviewed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["split", "label", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["image_set", "split", "label", "name"], name="set_picture_once"
            ),
            models.CheckConstraint(
                condition=Q(review__in=ReviewState.values), name="set_picture_review_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
