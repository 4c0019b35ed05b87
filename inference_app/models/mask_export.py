"""Masks of a video, written for another tool and kept for download."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models import Blob, Video
from matteweb.accounts.models import User

EXPORT_KIND = "mask_export"
"""The kind of job that writes."""


class MaskExport(models.Model):
    """One file. ``masks``: [{"id", "name", "digest"}] as they were; ``reading``: "", "trimap" or
    "trimask" with ``radius`` in pixels. ``archive`` is empty until it is written."""

    project_path: ClassVar[str] = "video__project"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="mask_exports")
    form = models.CharField(max_length=10)
    masks = models.JSONField(default=list)
    reading = models.CharField(max_length=10, default="")
    radius = models.IntegerField(default=0)
    archive = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.form} of {self.video}"
