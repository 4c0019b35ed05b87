"""What a recipe draws on besides videos. The first kind is the still."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.blob import Stream
from datasets_app.models.video import Source
from matteweb.accounts.models import Project


class Asset(Source, Stream):
    """A still picture; later kinds (foreground with alpha, 3D model, HDRI) add a choice."""

    class Kind(models.TextChoices):
        STILL = "still", "Still"

    noun: ClassVar[str] = "asset"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=20, choices=Kind.choices)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name
