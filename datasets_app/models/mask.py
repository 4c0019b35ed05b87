"""A per-frame label track of a video."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob, Stream
from datasets_app.models.video import IngestState, Video
from matteweb.accounts.models import User


class MaskKind(models.TextChoices):
    """hard: {0, 255}; alpha: 0..255; index: object number per pixel (0 = none)."""

    HARD = "hard", "Hard"
    ALPHA = "alpha", "Soft alpha"
    INDEX = "index", "Multi-object"


class Mask(Stream):
    """One named mask of a video, stored lossless: white (255) is the object.

    ``reading`` records how the original was read: {"polarity": "white"|"black", "threshold": int,
    "soft_share": float, "chosen": which of kind, polarity and threshold were given instead of
    found by rule}; masks of older versions have no "chosen". ``made_from``: what remakes a mask
    that the program made, {} for one that somebody brought in: "by" (what made it) with its
    version, params, and digests of its sources.
    ``planning`` is a small stack for planners: npz with ``mask`` (N, h, w)
    uint8, the area-averaged mask at no more than 96 px per side.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="masks")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=MaskKind.choices, default=MaskKind.HARD)
    original = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    filename = models.CharField(max_length=255, default="")
    planning = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    reading = models.JSONField(default=dict)
    made_from = models.JSONField(default=dict)
    coverage = models.FloatField(null=True, help_text="mean share of the frame, 0..1")
    state = models.CharField(
        max_length=16, choices=IngestState.choices, default=IngestState.ARRIVING
    )
    error = models.TextField(default="")
    hint = models.TextField(default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "name"], name="mask_name_once_per_video"),
            models.CheckConstraint(condition=Q(kind__in=MaskKind.values), name="mask_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name
