"""What leads type about the rules of review."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets_app.models import ReviewPolicy
from datasets_app.models.review import MAX_VERDICTS_NEEDED, OnReject, SelfReview
from datasets_app.services.desk.review_policy import LARGEST_GAP


class PolicyForm(forms.Form):
    """The rules of one project."""

    verdicts_needed = forms.IntegerField(
        label=_("Verdicts that a sample needs"),
        min_value=1,
        max_value=MAX_VERDICTS_NEEDED,
        widget=forms.NumberInput({"class": "in"}),
        help_text=_("By different people, who do not see each other's. Of one mind they decide."),
    )
    self_review = forms.ChoiceField(
        label=_("May people judge what they made?"),
        choices=SelfReview.choices,
        widget=forms.Select({"class": "in"}),
        help_text=_("The author is who launched the run, or who a sample was assigned to."),
    )
    on_reject = forms.ChoiceField(
        label=_("After a rejection"),
        choices=OnReject.choices,
        widget=forms.Select({"class": "in"}),
    )
    calibration_every = forms.IntegerField(
        label=_("A known-bad sample about every so many"),
        min_value=0,
        max_value=LARGEST_GAP,
        widget=forms.NumberInput({"class": "in"}),
        help_text=_("0 is never. They measure reviewers and never enter a bundle."),
    )

    @classmethod
    def of(cls, policy: ReviewPolicy) -> PolicyForm:
        """Return the form that shows ``policy``."""
        return cls(initial={name: getattr(policy, name) for name in cls.base_fields})
