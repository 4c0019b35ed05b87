"""One reviewer's decision; never overwritten, only undone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.sample import Sample
from matteweb.accounts.models import User


class Decision(models.TextChoices):
    """What a reviewer may say of a sample."""

    ACCEPT = "accept", "Accept"
    REJECT = "reject", "Reject"
    SKIP = "skip", "Skip"


class Reason(models.TextChoices):
    """Why a sample is rejected; the order is that of the keys 1 to 9."""

    HALO = "halo", "Halo"
    HOLE = "hole", "Hole"
    FLICKER = "flicker", "Flicker"
    SPILL = "spill", "Spill"
    MISSING_HAIR = "missing_hair", "Missing hair"
    WRONG_SUBJECT = "wrong_subject", "Wrong subject"
    EFFECT_LEFT = "effect_left", "Effect left"
    MISALIGNED = "misaligned", "Misaligned"
    CAPTION_WRONG = "caption_wrong", "Caption wrong"


class Verdict(models.Model):
    """``by_command`` marks what was decided without looking."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="verdicts")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="verdicts")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reasons = models.JSONField(default=list)
    comment = models.TextField(default="")
    first_frame = models.IntegerField(null=True)
    last_frame = models.IntegerField(null=True)
    seconds = models.FloatField(null=True, help_text="time that the reviewer took")
    by_command = models.BooleanField(default=False)
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
