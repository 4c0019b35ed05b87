"""What somebody said about a place in a sample, until somebody says that it is settled."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from datasets_app.models.sample import Sample
from matteweb.accounts.models import User


class Comment(models.Model):
    """It speaks of frames ``first_frame`` to ``last_frame``, both included, or of all (None).

    ``region``: [left, top, width, height] in pixels of the picture, None for the whole. It hangs on
    the sample and its frame numbers, so it survives whatever makes the files anew.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    first_frame = models.IntegerField(null=True)
    last_frame = models.IntegerField(null=True)
    region = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_frame=None, last_frame=None)
                | Q(first_frame__gte=0, last_frame__gte=F("first_frame")),
                name="comment_frames_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.sample_id}"
