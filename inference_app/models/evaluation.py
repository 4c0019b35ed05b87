"""Models measured on sets whose alpha is known."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models import Blob
from inference_app.models.model_run import RunState
from matteweb.accounts.models import Project, User

EVALUATION_KIND = "evaluation"
"""The kind of job that measures."""


class Evaluation(models.Model):
    """What remakes it: ``models_measured`` ({name, predictor, version, weights, training}),
    ``sets`` ({kind, name, ...}) and ``clips`` of each at most, 0 for all.

    A set that is finished has its `EvaluatedSet`.
    """

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="evaluations")
    name = models.CharField(max_length=80)
    models_measured = models.JSONField(default=list)
    sets = models.JSONField(default=list)
    clips = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    error = models.TextField(default="")
    hint = models.TextField(default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="evaluation_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluatedSet(models.Model):
    """The figures of one set: ``tables`` with intervals, ``findings`` (a ZIP) of single frames."""

    project_path: ClassVar[str] = "evaluation__project"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="measured")
    number = models.IntegerField()
    tables = models.JSONField(default=list)
    findings = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["evaluation", "number"], name="set_once_per_evaluation")
        ]

    def __str__(self) -> str:
        return f"set {self.number} of {self.evaluation_id}"
