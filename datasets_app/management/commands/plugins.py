"""``manage.py plugins``: what is registered, and whether it can run here."""

from __future__ import annotations

from typing import Any, ClassVar

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.plugins import Plugin
from datasets_app.domain.recipes import RECIPES
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Needs no database."""

    help = "List every recipe, layout and metric with its version and whether it can run here."
    needs_database: ClassVar[bool] = False

    def act(self, options: dict[str, Any]) -> None:
        found = [_facts("recipe", plugin) for plugin in RECIPES]
        found += [_facts("layout", plugin) for plugin in LAYOUTS]
        found += [_facts("metric", plugin) for plugin in METRICS]
        lines = [
            f"{one['kind']:8} {one['slug']:20} version {one['version']}  "
            f"{one['why_not'] or 'can run here'}"
            for one in found
        ]
        self.answer({"plugins": found}, "\n".join(lines))


def _facts(kind: str, plugin: Plugin) -> dict[str, Any]:
    why_not = plugin.unavailable()
    return {
        "kind": kind,
        "slug": plugin.info.slug,
        "label": plugin.info.label,
        "summary": plugin.info.summary,
        "version": plugin.info.version,
        "can_run": not why_not,
        "why_not": why_not,
    }
