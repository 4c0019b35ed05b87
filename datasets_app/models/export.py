"""A frozen bundle or an image set, written as a tree of some layout and packed for download."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.blob import Blob
from datasets_app.models.bundle import Bundle
from datasets_app.models.image_set import ImageSet
from matteweb.accounts.models import Project, User


class LayoutExport(models.Model):
    """One ZIP, of exactly one of ``bundle`` and ``image_set``. ``report``: {"entries": int,
    "left_out": [{"name", "reason"}]}; ``archive`` is empty until it is written."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, null=True, related_name="exports")
    image_set = models.ForeignKey(
        ImageSet, on_delete=models.CASCADE, null=True, related_name="exports"
    )
    layout = models.CharField(max_length=60)
    layout_version = models.IntegerField()
    archive = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    report = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(bundle__isnull=False) ^ models.Q(image_set__isnull=False),
                name="export_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layout} of {self.bundle or self.image_set}"
