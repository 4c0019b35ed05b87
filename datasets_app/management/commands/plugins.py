"""``manage.py plugins``: what is registered, and whether it can run here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from datasets_app.domain.plugins import Plugin, Registry
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Needs no database."""

    help = "List every plug-in of every kind with its version and whether it can run here."
    needs_database: ClassVar[bool] = False

    def act(self, options: dict[str, Any]) -> None:
        lists: dict[str, Registry[Plugin]] = {
            kind: import_string(place) for kind, place in settings.PLUGIN_LISTS.items()
        }
        found = [_facts(kind, plugin) for kind, plugins in lists.items() for plugin in plugins]
        lines = [
            f"{one['kind']:10} {one['slug']:24} version {one['version']}  "
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
