"""What somebody drew on a video: tracks of boxes, polygons and masks, with what they mean."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.blob import Blob
from datasets_app.models.video import Video
from matteweb.accounts.models import User


class Annotation(models.Model):
    """One file of tracks. ``original`` is the file as it came and never changes; ``mapping`` is
    what a person made of its labels, see ``Relabelling``.

    ``facts``: {"labels": [str], "tracks": int, "frames": int, "shapes": int}.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="annotations")
    name = models.CharField(max_length=200)
    original = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    findings = models.JSONField(default=list, help_text="what reading the file found")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["video__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "original"], name="annotation_once_per_video"),
        ]

    def __str__(self) -> str:
        return self.name
