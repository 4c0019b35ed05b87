"""``manage.py write_asset_list``: one of the published list files, of the assets as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.assets.list_files import LISTS, parse_list
from datasets_app.models import Asset
from datasets_app.services.sources.asset_lists import asset_list_write
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Prints the entries, or writes them to a file."""

    help = "Write a published list: what is on its side or left out, or any kind and side."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=list(LISTS))
        parser.add_argument("--project", required=True)
        parser.add_argument("--file", type=Path, metavar="FILE", help="default: only printed")
        parser.add_argument("--kind", choices=Asset.Kind.values, default="")
        parser.add_argument("--side", choices=["train", "test", "out"], default="")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.VIEWER)
        name, file = options["name"], options["file"]
        data = asset_list_write(
            project=project, name=name, kind=options["kind"], side=options["side"]
        )
        if file is not None:
            file.write_bytes(data)
        entries = parse_list(data)
        facts = {"project": project.slug, "list": name, "entries": entries}
        self.answer(facts | {"file": str(file or "")}, "\n".join(entries))
