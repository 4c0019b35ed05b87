"""A fusion network that a project trains: what it learns from, by which plan, what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models import Blob
from matteweb.accounts.models import Project, User

FUSION_KIND = "fusion_training"
"""The kind of job that makes the cases and trains."""


class FusionTraining(models.Model):
    """What remakes it: ``plan``, ``source`` and ``init``, a finished training of stage 0.

    ``source``: {"folder", "masks": [{"id", "video", "digest"}], "painted", "every"}. ``cases``: how
    many it learned from. ``curve``: one entry per saved state. Its job says how far it is.
    """

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="fusion_trainings")
    name = models.CharField(max_length=80)
    plan = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    init = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    cases = models.IntegerField(default=0)
    curve = models.JSONField(default=list)
    weights = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name
