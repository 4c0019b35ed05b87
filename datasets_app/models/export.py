"""A frozen bundle, an image set or part of the library, written as a tree of some layout and packed
for download."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.blob import Blob
from datasets_app.models.bundle import Bundle
from datasets_app.models.image_set import ImageSet
from matteweb.accounts.models import Project, User


class LayoutExport(models.Model):
    """One ZIP, of ``bundle`` or of ``image_set`` or, with neither, of what ``selection`` chooses of
    the library: {"kind", "side"} of assets, nothing for all that the layout holds. ``report``:
    {"entries": int, "left_out": [{"name", "reason"}]}, and of a bundle "findings" about what of a
    sample was not written; ``archive`` is empty until it is written."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, null=True, related_name="exports")
    image_set = models.ForeignKey(
        ImageSet, on_delete=models.CASCADE, null=True, related_name="exports"
    )
    selection = models.JSONField(default=dict)
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
                condition=models.Q(bundle__isnull=True) | models.Q(image_set__isnull=True),
                name="export_of_one_thing_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layout} of {self.source_name}"

    @property
    def source_name(self) -> str:
        """What it is made of, as titles and files are called after it."""
        source = self.bundle or self.image_set
        return source.name if source is not None else "library"
