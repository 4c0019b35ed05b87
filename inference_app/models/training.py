"""A training of our own network, and the checkpoint that came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models import Blob
from inference_app.models.model_run import RunState
from matteweb.accounts.models import Project, User

TRAINING_KIND = "training"
"""The kind of job that trains."""


class Training(models.Model):
    """What remakes it: ``plan``, and ``sources`` by digest. A finished one is a checkpoint.

    ``sources``: list of {kind: "painted" | "bundle", name, manifest, weight, clips, licences},
    copied when it was started. ``curve``: one entry per validation. ``sheet``: the newest picture
    of the validation set. ``card``: what `weights_ship` says of the weights.
    """

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="trainings")
    name = models.CharField(max_length=80)
    plan = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    step = models.IntegerField(default=0)
    best = models.FloatField(null=True)
    best_step = models.IntegerField(default=0)
    curve = models.JSONField(default=list)
    notes = models.JSONField(default=list, help_text="what it changed by itself, e.g. its batch")
    sheet = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    weights = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    card = models.JSONField(default=dict)
    error = models.TextField(default="")
    hint = models.TextField(default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="training_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
