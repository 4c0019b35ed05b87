"""A sample that is known to be bad, by which reviewers are measured."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.sample import Sample
from matteweb.accounts.models import User


class CalibrationItem(models.Model):
    """``sample`` is ``origin`` with one fault put in; it never enters a bundle.

    ``params``, ``seed``, ``inputs`` (layer -> digest of its master) and ``code_version`` remake it.
    ``expected``: the reasons of which one names the fault.
    """

    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="calibration")
    origin = models.ForeignKey(
        Sample, on_delete=models.SET_NULL, null=True, related_name="calibration_copies"
    )
    fault = models.CharField(max_length=40)
    fault_version = models.IntegerField()
    params = models.JSONField(default=dict)
    seed = models.BigIntegerField()
    inputs = models.JSONField(default=dict)
    expected = models.JSONField(default=list)
    code_version = models.CharField(max_length=80, default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.fault} in {self.sample_id}"
