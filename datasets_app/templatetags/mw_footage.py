"""What templates say of footage: rates, shares, masks, the answers that a question offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import gettext, ngettext

from datasets_app.domain.media.findings import RATE_CODES
from datasets_app.models import Mask, Stream
from datasets_app.models.mask import MaskKind

register = template.Library()

_KINDS = {"hard": "hard", "alpha": "alpha", "index": "multi-object"}


@register.filter
def rate(row: Stream) -> str:
    """Return frames per second as people say them: "24", "29.97"; "" without a rate."""
    if not row.fps_num or not row.fps_den:
        return ""
    exact = Fraction(row.fps_num, row.fps_den)
    return f"{float(exact):.4g}"


@register.filter
def percent(share: float | None) -> str:
    """Return a share of 0..1 with as many digits as it needs: "12", "1.8", "0.04"."""
    if share is None:
        return ""
    value = share * 100
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.2g}"


@register.filter
def mask_words(masks: Iterable[Mask]) -> str:
    """Return how many masks of which kind: "2 hard", "1 hard, 1 alpha"; "" for none."""
    kinds = Counter(_KINDS[mask.kind] for mask in masks if mask.state == "ready")
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


@register.filter
def masks_failed(masks: Iterable[Mask]) -> int:
    """Return how many masks could not be read."""
    return sum(mask.state == "failed" for mask in masks)


@register.filter
def added_words(added: Mapping[str, int]) -> str:
    """Return what an import brought: "2 videos, 1 mask"."""
    words = {
        "videos": lambda n: ngettext("%(n)s video", "%(n)s videos", n),
        "masks": lambda n: ngettext("%(n)s mask", "%(n)s masks", n),
        "captions": lambda n: ngettext("%(n)s caption", "%(n)s captions", n),
        "samples": lambda n: ngettext("%(n)s sample", "%(n)s samples", n),
        "assets": lambda n: ngettext("%(n)s asset", "%(n)s assets", n),
        "annotations": lambda n: ngettext("%(n)s annotation", "%(n)s annotations", n),
        "image_sets": lambda n: ngettext("%(n)s image set", "%(n)s image sets", n),
        "pictures": lambda n: ngettext("%(n)s picture", "%(n)s pictures", n),
    }
    return ", ".join(words[kind](count) % {"n": count} for kind, count in added.items())


@register.filter
def browser_shows(name: str) -> bool:
    """Whether browsers show a picture of this file name: TIFF they do not."""
    return not name.lower().endswith((".tif", ".tiff"))


@register.filter
def open_questions(row: Any) -> list[dict[str, Any]]:
    """Return the findings of footage that wait for an answer; ``free`` ones take a typed rate."""
    return [
        finding | {"free": finding["code"] in RATE_CODES}
        for finding in row.findings
        if finding["choices"] and finding["code"] not in row.decisions
    ]


@register.filter
def offers_discard(row: Any) -> bool:
    """Whether an open question of the footage has "discard" among its answers already."""
    return row.state == "needs_decision" and any(
        "discard" in finding["choices"] for finding in open_questions(row)
    )


@register.filter
def answer_words(finding: dict[str, Any], choice: str) -> str:
    """Return what a button that gives this answer says."""
    if finding["code"] == "frame_rate":
        return gettext("%(rate)s fps") % {"rate": choice}
    if finding["code"] in RATE_CODES:
        return gettext("Keep at %(rate)s fps") % {"rate": choice}
    words = {
        ("duplicate", "discard"): gettext("Discard copy"),
        ("duplicate", "keep"): gettext("Keep both"),
        ("numbers_missing", "use"): gettext("Use what is there"),
        ("numbers_missing", "discard"): gettext("Discard"),
    }
    return words.get((finding["code"], choice), choice.capitalize())


@register.filter
def chosen_threshold(mask: Mask) -> str:
    """Return the threshold that a person chose for a mask, "" when it was read by rule. One of
    which nobody knows is kept."""
    chosen = mask.reading.get("chosen", ("threshold",))
    if mask.kind != MaskKind.HARD or "threshold" not in chosen:
        return ""
    return str(mask.reading.get("threshold", ""))
