"""One reviewer's decision; never overwritten, only undone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datasets_app.models.review import ReviewBatch
from datasets_app.models.sample import Sample
from matteweb.accounts.models import User


class Decision(models.TextChoices):
    """What a reviewer may say of a sample."""

    ACCEPT = "accept", _("Accept")
    REJECT = "reject", _("Reject")
    SKIP = "skip", _("Skip")


class Reason(models.TextChoices):
    """Why a sample is rejected; the order is that of the keys 1 to 9."""

    HALO = "halo", _("Halo")
    HOLE = "hole", _("Hole")
    FLICKER = "flicker", _("Flicker")
    SPILL = "spill", _("Spill")
    MISSING_HAIR = "missing_hair", _("Missing hair")
    WRONG_SUBJECT = "wrong_subject", _("Wrong subject")
    EFFECT_LEFT = "effect_left", _("Effect left")
    MISALIGNED = "misaligned", _("Misaligned")
    CAPTION_WRONG = "caption_wrong", _("Caption wrong")


class Verdict(models.Model):
    """``by_command`` marks what was decided without looking; a ``ruling`` ends a disagreement."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="verdicts")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="verdicts")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reasons = models.JSONField(default=list)
    comment = models.TextField(default="")
    first_frame = models.IntegerField(null=True)
    last_frame = models.IntegerField(null=True)
    seconds = models.FloatField(null=True, help_text="time that the reviewer took")
    by_command = models.BooleanField(default=False)
    ruling = models.BooleanField(default=False)
    batch = models.ForeignKey(
        ReviewBatch, on_delete=models.SET_NULL, null=True, related_name="verdicts"
    )
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="verdict_decision_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} of {self.sample_id}"
