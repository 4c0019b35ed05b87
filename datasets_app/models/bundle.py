"""An immutable, downloadable dataset version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob
from datasets_app.models.sample import Sample
from matteweb.accounts.models import Project, User

FROZEN_REPEATS = "frozen_repeats"
"""The setting that holds the repeats of each category at the freeze. A manifest has only the rows
of each sample, which are these times the weight that the sample had."""


class BundleState(models.TextChoices):
    """draft -> freezing -> frozen | draft (the preflight found something)."""

    DRAFT = "draft", "Draft"
    FREEZING = "freezing", "Freezing"
    FROZEN = "frozen", "Frozen"


class Bundle(models.Model):
    """A choice of samples; once frozen, ``manifest_id`` (sha256 of the canonical manifest) is its
    identity and nothing of it changes."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bundles")
    name = models.SlugField(max_length=80)
    state = models.CharField(max_length=10, choices=BundleState.choices, default=BundleState.DRAFT)
    settings = models.JSONField(default=dict, help_text="shares, repeats, splits, licence reason")
    problems = models.JSONField(default=list, help_text="findings of the last preflight")
    manifest_id = models.CharField(max_length=64, default="", db_index=True)
    manifest_blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn = models.JSONField(default=list, help_text="sources withdrawn after the freeze")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "name"], name="bundle_name_once"),
            models.CheckConstraint(
                condition=~Q(state=BundleState.FROZEN) | ~Q(manifest_id=""),
                name="frozen_bundle_has_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BundleEntry(models.Model):
    """One sample of a bundle. The row outlives nothing: the manifest alone is the truth."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="entries")
    sample = models.ForeignKey(Sample, on_delete=models.SET_NULL, null=True, related_name="entries")
    category = models.CharField(max_length=60)
    repeats = models.IntegerField(default=1)
    split = models.CharField(max_length=60, default="train")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bundle", "sample"], name="sample_once_per_bundle"),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} x {self.repeats}"


class BundleFile(models.Model):
    """One file that a frozen bundle holds against collection.

    What is not ``exported`` is a lossless master, from which other forms of the bundle are written.
    """

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=400)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    exported = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bundle", "path"], name="bundle_path_once"),
        ]

    def __str__(self) -> str:
        return self.path
