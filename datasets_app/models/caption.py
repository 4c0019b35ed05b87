"""What a video shows, in four lengths."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.video import Video
from matteweb.accounts.models import User


class CaptionLength(models.TextChoices):
    """The four forms that the Casper captioner writes, with their limits in words."""

    SHORT = "short", "Short (25 words)"
    PROMPT = "prompt", "Prompt (75 words)"
    VERBOSE = "verbose", "Verbose (125 words)"
    SUMMARY = "summary", "Summary"


class Caption(models.Model):
    """One length of one video's caption. ``made_from``: of a model's text, its captioner with
    version, model, version of the prompts, and job."""

    class Origin(models.TextChoices):
        TYPED = "typed", "Typed"
        IMPORTED = "imported", "Imported"
        MODEL = "model", "Model"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="captions")
    length = models.CharField(max_length=8, choices=CaptionLength.choices)
    text = models.TextField()
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.TYPED)
    approved = models.BooleanField(default=False)
    made_from = models.JSONField(default=dict)
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["video", "length"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "length"], name="one_caption_per_length"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
