"""One launch of a recipe: parameters, root seed, how many samples."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from matteweb.accounts.models import Project, User


class SynthesisRun(models.Model):
    """``pool`` freezes what the run draws from (video and mask ids with digests), so that a video
    added later changes nothing. ``trial`` marks a Try one, which is not offered for review."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    recipe = models.CharField(max_length=60)
    recipe_version = models.IntegerField()
    params = models.JSONField(default=dict)
    pool = models.JSONField(default=list)
    survey = models.JSONField(default=dict, help_text="what the pool admits and why not the rest")
    root_seed = models.BigIntegerField()
    count = models.IntegerField(help_text="samples planned or to be planned, new rolls included")
    requested = models.IntegerField(help_text="good samples that the run was launched for")
    trial = models.BooleanField(default=False)
    code_version = models.CharField(max_length=80, default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.recipe} run {self.pk}"
