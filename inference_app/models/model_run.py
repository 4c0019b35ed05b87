"""A predictor run over a video."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models import Blob, Mask, Video
from datasets_app.models.blob import Stream
from matteweb.accounts.models import User

RUN_KIND = "model_run"
"""The kind of job that makes a run."""


DELIVERY_KIND = "run_delivery"
"""The kind of job that writes a finished run in a form to take away."""


class RunState(models.TextChoices):
    """running -> ready | failed; failed -> running when it is tried again."""

    RUNNING = "running", "Running"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class ModelRun(Stream):
    """One predictor over one video, guided by one of its masks.

    What remakes it: ``predictor`` with its version, ``weights`` (sha256 by file name), ``params``.
    ``result`` is the alpha, a soft mask of the video; the row's own stream is the foreground, in
    the object's own colour. ``deep``: alpha or depth in 16 bits, FFV1; runs of before there was
    such a file have none. ``done``: frames that are finished and can be looked at. ``prores`` and
    the three columns beside it hold the forms of `delivery_forms` that somebody asked for.
    """

    noun: ClassVar[str] = "model run"
    project_path: ClassVar[str] = "video__project"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="model_runs")
    mask = models.ForeignKey(Mask, on_delete=models.SET_NULL, null=True, related_name="+")
    predictor = models.CharField(max_length=60)
    predictor_version = models.IntegerField()
    weights = models.JSONField(default=dict)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    done = models.IntegerField(default=0)
    deep = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.ForeignKey(Mask, on_delete=models.SET_NULL, null=True, related_name="+")
    prores = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    pictures = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    vp9 = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    deep_pictures = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    error = models.TextField(default="")
    hint = models.TextField(default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="model_run_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predictor} on {self.video}"
