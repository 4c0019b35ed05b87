"""What reviewers said, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from datasets_app.domain.quality.faults import FAULTS
from datasets_app.models.verdict import Reason
from matteweb.errors import BadInput

register = template.Library()


@register.filter
def reason_words(reasons: Iterable[str]) -> str:
    """Return the reasons of a verdict as people read them; an unknown one as it is stored."""
    labels = dict(Reason.choices)
    return ", ".join(str(labels.get(reason, reason)) for reason in reasons)


@register.filter
def reason_word(reason: str) -> str:
    """Return one reason as people read it."""
    return reason_words([reason])


@register.filter
def fault_words(slug: str) -> str:
    """Return the name of a fault, its slug where this release has it no more."""
    try:
        return FAULTS[slug].info.label
    except BadInput:
        return slug
