"""What was measured of a sample, or of a mask on its video."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob
from datasets_app.models.mask import Mask
from datasets_app.models.sample import Sample
from matteweb.accounts.models import Project


class QualityReport(models.Model):
    """The newest measurement of one clip, made anew when a metric or a layer is another.

    ``score``: strength of the worst finding, 0 (nothing) to 1; ``finding`` names it and its frames.
    ``found``: the metrics that found something, as " flicker spill ". ``tracks``: a JSON blob of
    the numbers per frame. ``suite`` stands for the versions of all metrics, ``inputs`` are the
    digests that were read, by layer. ``error``: why it could not be measured, else empty.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quality_reports")
    sample = models.OneToOneField(
        Sample, on_delete=models.CASCADE, null=True, related_name="quality"
    )
    mask = models.OneToOneField(Mask, on_delete=models.CASCADE, null=True, related_name="quality")
    score = models.FloatField(default=0, db_index=True)
    finding = models.CharField(max_length=200, default="")
    found = models.CharField(max_length=400, default="")
    findings = models.JSONField(default=list)
    totals = models.JSONField(default=dict)
    crops = models.JSONField(default=list)
    tracks = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    suite = models.CharField(max_length=16)
    versions = models.JSONField(default=dict)
    inputs = models.JSONField(default=dict)
    code_version = models.CharField(max_length=80, default="")
    error = models.TextField(default="")
    measured_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sample__isnull=True, mask__isnull=False)
                | Q(sample__isnull=False, mask__isnull=True),
                name="quality_of_a_sample_or_a_mask",
            ),
        ]

    def __str__(self) -> str:
        return self.finding or "nothing found"
