"""One generated (or imported) tuple and its layers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datasets_app.models.asset import Asset
from datasets_app.models.blob import Stream
from datasets_app.models.synthesis_run import SynthesisRun
from datasets_app.models.video import Video
from matteweb.accounts.models import Project


class SampleState(models.TextChoices):
    """planned -> rendering -> ready | failed; rendering -> planned when its worker died."""

    PLANNED = "planned", "Planned"
    RENDERING = "rendering", "Rendering"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class ReviewState(models.TextChoices):
    """The decision in force, derived from the newest verdict that was not undone."""

    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class Sample(models.Model):
    """Everything that remakes it: recipe, version, plan, seed, inputs by digest, code version.

    ``sources``: list of {kind, id, name, digest, role, group, licence, licence_url, attribution},
    copied when the sample was planned, so that a later edit does not rewrite history. ``videos``
    and ``assets`` are the same rows as far as they still exist, to be found from either side.
    ``frames_made``: of a sample that is being rendered, for people to see that it gets on.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="samples")
    run = models.ForeignKey(
        SynthesisRun, on_delete=models.CASCADE, null=True, related_name="samples"
    )
    index = models.IntegerField()
    name = models.CharField(max_length=80)
    state = models.CharField(
        max_length=12, choices=SampleState.choices, default=SampleState.PLANNED, db_index=True
    )
    claimed_by_job = models.BigIntegerField(null=True)
    review = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.PENDING, db_index=True
    )
    recipe = models.CharField(max_length=60, default="")
    recipe_version = models.IntegerField(default=0)
    seed = models.CharField(max_length=64, default="")
    plan = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    videos = models.ManyToManyField(Video, related_name="samples")
    assets = models.ManyToManyField(Asset, related_name="samples")
    code_version = models.CharField(max_length=80, default="")
    platform = models.CharField(max_length=120, default="")
    caption = models.TextField(default="")
    longer_captions = models.JSONField(default=dict, help_text="prompt, verbose, summary")
    category = models.CharField(max_length=60, default="")
    split = models.CharField(max_length=60, default="", help_text="split that it had in its tree")
    weight = models.PositiveSmallIntegerField(
        default=1, help_text="how often it counts, before its category is repeated"
    )
    frames = models.IntegerField(null=True)
    frames_made = models.IntegerField(default=0)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    fps_num = models.IntegerField(null=True)
    fps_den = models.IntegerField(null=True)
    notes = models.JSONField(default=list, help_text="recorded facts, e.g. a column that was cut")
    error = models.TextField(default="")
    hint = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)
    rendered_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "index"], condition=Q(run__isnull=False), name="sample_once_per_run"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SampleState.values), name="sample_state_known"
            ),
            models.CheckConstraint(
                condition=Q(review__in=ReviewState.values), name="sample_review_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "state", "review"])]

    def __str__(self) -> str:
        return self.name


class Layer(Stream):
    """One stream of a sample: rgb_full, rgb_removed, mask, alpha, fgr."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="layers")
    name = models.CharField(max_length=20)

    class Meta:
        ordering: ClassVar = ["sample", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "name"], name="layer_once_per_sample"),
        ]

    def __str__(self) -> str:
        return self.name
