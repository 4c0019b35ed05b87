"""``manage.py export_library``: assets or annotated videos as a tree that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Asset
from datasets_app.services.trees.library_exports import library_export, library_layouts
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Leaves out what has no place in the layout, and says why."""

    help = "Write assets, all videos with masks, or all annotated ones (cvat_video), as a tree."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--layout", required=True, choices=[one.slug for one in library_layouts()]
        )
        parser.add_argument("--folder", type=Path, required=True, metavar="DIR")
        parser.add_argument("--kind", choices=Asset.Kind.values, default="", help="of assets")
        parser.add_argument(
            "--side", choices=["train", "test", "out"], default="", help="of assets"
        )

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.VIEWER)
        folder = options["folder"].resolve()
        report = library_export(
            project=project,
            layout=options["layout"],
            folder=folder,
            selection={name: options[name] for name in ("kind", "side") if options[name]},
        )
        self.answer({"project": project.slug, "folder": str(folder), **report})
