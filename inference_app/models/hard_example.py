"""Frames that a model found hard, and which queue they stand in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from inference_app.models.model_run import ModelRun
from matteweb.accounts.models import User

HARD_EXAMPLES_KIND = "hard_examples"
"""The kind of job that looks for them."""


class HardState(models.TextChoices):
    """found -> annotation | review; review -> annotation | done; annotation -> done; back to found
    from each."""

    FOUND = "found", "Found"
    ANNOTATION = "annotation", "To annotate"
    REVIEW = "review", "To review"
    DONE = "done", "Done"


class HardExample(models.Model):
    """One frame of a run; its signs, shares of the object's area, are those of `FrameHardness`.

    ``disagreement`` is None when no other model has run over the video.
    """

    noun: ClassVar[str] = "hard example"
    project_path: ClassVar[str] = "run__video__project"

    run = models.ForeignKey(ModelRun, on_delete=models.CASCADE, related_name="hard_examples")
    frame = models.IntegerField()
    uncertainty = models.FloatField()
    flicker = models.FloatField()
    disagreement = models.FloatField(null=True)
    score = models.FloatField()
    state = models.CharField(max_length=12, choices=HardState.choices, default=HardState.FOUND)
    moved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-score", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "frame"], name="hard_frame_once_per_run"),
            models.CheckConstraint(
                condition=Q(state__in=HardState.values), name="hard_example_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"frame {self.frame} of {self.run}"
