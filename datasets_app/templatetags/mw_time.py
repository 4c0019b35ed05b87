"""What templates say of times and of files: no arithmetic stands in a template."""

from __future__ import annotations

from django import template
from django.db.models import Model

from datasets_app.selectors.player import file_url
from matteweb.accounts.models import Project

register = template.Library()


@register.filter
def time_left(seconds: float | None) -> str:
    """Return a rounded wait in words: "5 s left", "1 min 25 s left", "about 6 min left"."""
    return "" if seconds is None else f"{duration(seconds)} left"


@register.filter
def duration(seconds: float | None) -> str:
    """Return a rounded time in words: "5 s", "1 min 25 s", "about 6 min", "about 3 h"."""
    if seconds is None:
        return ""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 180:
        return f"{whole // 60} min {whole % 60 // 5 * 5} s"
    if whole < 5400:
        return f"about {round(whole / 60)} min"
    return f"about {round(whole / 3600)} h"


@register.simple_tag
def stream_url(kind: str, project: Project, row: Model, what: str) -> str:
    """Return the address of a row's delivery, poster, filmstrip or index, "" without one."""
    column = "frame_index_id" if what == "index" else f"{what}_id"
    return file_url(kind, project.slug, row.pk, what, getattr(row, column))
