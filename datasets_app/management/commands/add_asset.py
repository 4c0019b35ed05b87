"""``manage.py add_asset``: bring in a subject with alpha, or a background, by server path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.services.sources.assets import asset_add
from datasets_app.services.sources.footage import Rights
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand, require_paths
from matteweb.errors import BadInput
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Adds one asset and waits until it is ready or what is wrong with it is known."""

    help = (
        "Bring in a foreground (colour and matte, or one file with opacity) or a background "
        "(still or clip) that recipes draw on."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, help="created when it does not exist")
        parser.add_argument("--alpha", type=Path, metavar="FILE", help="the matte of the file")
        parser.add_argument("--background", action="store_true", help="the file has no subject")
        parser.add_argument("--name", default="", help="default: the file's name")
        parser.add_argument("--licence", default="", metavar="SPDX")
        parser.add_argument("--attribution", default="")
        parser.add_argument("--source-group", default="", help="assets of one scene share it")
        parser.add_argument("--fps", default="", help="rate of numbered pictures or uneven clips")
        parser.add_argument("--link", action="store_true", help="reference the file, do not copy")

    def act(self, options: dict[str, Any]) -> None:
        alpha: Path | None = options["alpha"]
        require_paths(path for path in (options["file"], alpha) if path is not None)
        if alpha is not None and options["background"]:
            raise BadInput("a background has no matte", hint="leave out --alpha or --background")
        project = self.project(options["project"], Role.ANNOTATOR, create=True)
        asset = asset_add(
            project=project,
            path=options["file"].resolve(),
            alpha=alpha.resolve() if alpha is not None else None,
            background=options["background"],
            actor=self.actor,
            name=options["name"],
            rights=Rights(licence=options["licence"], attribution=options["attribution"]),
            link=options["link"],
            fps=options["fps"],
            source_group=options["source_group"],
        )
        wait_for_target("ingest_footage", asset.pk)
        asset.refresh_from_db()
        self.answer(
            {
                "project": project.slug,
                "id": asset.pk,
                "kind": asset.kind,
                "name": asset.name,
                "state": asset.state,
                "frames": asset.frames,
                "size": [asset.width, asset.height],
                "measures": asset.measures,
                "error": asset.error,
                "hint": asset.hint,
                "findings": asset.findings,
            },
            code=Exit.OK if asset.state == "ready" else Exit.FINDINGS,
        )
