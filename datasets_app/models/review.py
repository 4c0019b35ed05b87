"""Review beside the verdicts: the rules of a project, who looks at what, what was sent back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datasets_app.models.sample import Sample
from datasets_app.models.synthesis_run import SynthesisRun
from matteweb.accounts.models import Project, User

MAX_VERDICTS_NEEDED = 9


class SelfReview(models.TextChoices):
    """Whether people may judge what they made."""

    NEVER = "never", _("Never")
    ALONE = "alone", _("While nobody else here can review")
    ALWAYS = "always", _("Always")


class OnReject(models.TextChoices):
    """What a rejection does beside being recorded."""

    RETURN = "return", _("It returns to its author")
    REROLL = "reroll", _("It returns to its author, and a new one is rolled with another seed")


class ReviewPolicy(models.Model):
    """The rules of one project; a project without a row has the defaults.

    ``calibration_every``: about every so many samples a reviewer gets a known-bad one; 0 is never.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="review_policy")
    verdicts_needed = models.PositiveSmallIntegerField(default=1)
    self_review = models.CharField(
        max_length=8, choices=SelfReview.choices, default=SelfReview.ALONE
    )
    on_reject = models.CharField(max_length=8, choices=OnReject.choices, default=OnReject.RETURN)
    calibration_every = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verdicts_needed__gte=1, verdicts_needed__lte=MAX_VERDICTS_NEEDED),
                name="policy_verdicts_needed",
            ),
            models.CheckConstraint(
                condition=Q(self_review__in=SelfReview.values), name="policy_self_review_known"
            ),
            models.CheckConstraint(
                condition=Q(on_reject__in=OnReject.values), name="policy_on_reject_known"
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.project_id}"


class ReviewCase(models.Model):
    """One sample's way through review; made when there is something to say.

    ``author``: who mends it, where that is not who launched its run. ``reviewer``: the only one
    who is asked. ``counts_from``: verdicts up to this id belong to an earlier round and decide
    nothing any more. ``disputed``: enough verdicts, but not of one mind.
    """

    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="case")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    reviewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    counts_from = models.BigIntegerField(default=0)
    disputed = models.BooleanField(default=False, db_index=True)
    returned_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"case of {self.sample_id}"


class ReviewLease(models.Model):
    """Who has a sample on the screen. One per sample, so that the database itself keeps two people
    apart; ``session`` is one open page."""

    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="lease")
    reviewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=36)
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["session"])]

    def __str__(self) -> str:
        return f"lease of {self.sample_id}"


class LeftPage(models.Model):
    """A page of a reviewer that was left. What it asked for last may reach the server afterwards,
    and is not given to it any more; kept for a while only."""

    reviewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=36)
    left_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reviewer", "session"], name="left_page_once"),
        ]

    def __str__(self) -> str:
        return self.session


class Reroll(models.Model):
    """Which new sample was asked for in the place of which: the one of ``run`` at ``index``."""

    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="reroll")
    run = models.ForeignKey(SynthesisRun, on_delete=models.CASCADE, related_name="rerolls")
    index = models.IntegerField()
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "index"], name="reroll_one_sample_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} rolled again as {self.run_id}/{self.index}"


class ReviewBatch(models.Model):
    """Many samples changed by one act, which can be taken back as one.

    ``detail``: {"samples": [id, ...], and what undoing needs}.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="review_batches")
    actor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=20)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} of {len(self.detail.get('samples', []))}"
