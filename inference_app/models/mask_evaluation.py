"""Engines for masks by hand, measured on clips whose masks are known."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models import Blob
from matteweb.accounts.models import Project, User

MASK_EVALUATION_KIND = "mask_evaluation"
"""The kind of job that measures."""


class MaskEvaluation(models.Model):
    """What remakes it: ``source`` ({"folder": name} or {"masks": [{"id", "video", "digest"}]}),
    ``engines`` ({slug: version}) and ``protocols``."""

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="mask_evaluations")
    name = models.CharField(max_length=120)
    source = models.JSONField(default=dict)
    engines = models.JSONField(default=dict)
    protocols = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


class MeasuredClip(models.Model):
    """One protocol with one engine on one clip; what a stopped job has of these is not measured
    again. ``curve``: [[seconds, J&F]]; ``worst``: [[frame, J&F]], shown in ``picture`` (JPEG)."""

    project_path: ClassVar[str] = "evaluation__project"

    evaluation = models.ForeignKey(MaskEvaluation, on_delete=models.CASCADE, related_name="clips")
    protocol = models.CharField(max_length=20)
    engine = models.CharField(max_length=40)
    clip = models.CharField(max_length=200)
    figures = models.JSONField(default=list)
    curve = models.JSONField(default=list)
    worst = models.JSONField(default=list)
    picture = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["evaluation", "protocol", "engine", "clip"], name="clip_measured_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.protocol} of {self.engine} on {self.clip}"
