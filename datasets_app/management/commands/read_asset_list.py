"""``manage.py read_asset_list``: one of the published list files, put onto a project's assets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.assets.list_files import LISTS
from datasets_app.services.sources.asset_lists import asset_list_apply
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand, require_paths


class Command(MatteCommand):
    """Exit code 6 when the list names something that is not there; the rest is on its side."""

    help = (
        "Put assets on the side of a published list, or leave them out; every entry that names "
        "nothing here, and every asset that it does not name, is told."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--name", choices=list(LISTS), default="", help="which list it is (default: the file's)"
        )

    def act(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        require_paths([path])
        project = self.project(options["project"], Role.ANNOTATOR)
        name = options["name"] or path.name
        found = asset_list_apply(
            project=project, name=name, data=path.read_bytes(), actor=self.actor
        )
        lines = [f"{found.changed} assets of {name}"]
        lines += [f"missing: {entry} names nothing here" for entry in found.missing]
        lines += [f"extra: {entry} is not on the list" for entry in found.extra]
        self.answer(
            {"project": project.slug, "list": name, **found.as_json()},
            "\n".join(lines),
            code=Exit.FINDINGS if found.missing else Exit.OK,
        )
