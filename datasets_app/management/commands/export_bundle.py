"""``manage.py export_bundle``: a frozen bundle as a ZIP or as the folder tree a trainer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.media.findings import parse_rate
from datasets_app.models import Bundle
from datasets_app.selectors.bundles import bundle_of
from datasets_app.services.freezing.export import bundle_export_folder, bundle_export_zip
from datasets_app.services.trees.layout_exports import bundle_export_layout
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.errors import BadInput

LOSSLESS_FORMS = ("ffv1", "png")


class Command(MatteCommand):
    """Goes on with a folder that was begun; a ZIP is written whole or not at all."""

    help = "Write a frozen bundle as --zip FILE or --folder DIR, or in another --layout."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", help="name of the bundle")
        parser.add_argument("--project", required=True)
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--zip", type=Path, metavar="FILE")
        target.add_argument("--folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--layout",
            choices=[layout.info.slug for layout in LAYOUTS],
            help="folder only: the tree that another tool reads, from the lossless masters",
        )
        parser.add_argument(
            "--root",
            default="",
            metavar="DIR",
            help="where the trainer will find the tree: written before every path of casper.json",
        )
        parser.add_argument(
            "--fps", default="", help="folder only: another rate for the same frames, none re-timed"
        )
        parser.add_argument(
            "--lossless", choices=LOSSLESS_FORMS, help="folder only: the masters, not H.264"
        )

    def act(self, options: dict[str, Any]) -> None:
        _require_together(options)
        project = self.project(options["project"], Role.VIEWER)
        bundle = bundle_of(project, options["bundle"])
        facts: dict[str, Any] = {"bundle": bundle.name, "id": bundle.manifest_id}
        if options["zip"]:
            path = options["zip"].resolve()
            facts |= {
                "zip": str(path),
                "bytes": bundle_export_zip(bundle=bundle, path=path, root=options["root"]),
            }
        elif options["layout"]:
            facts |= _in_layout(bundle, options["layout"], options["folder"].resolve())
        else:
            folder = options["folder"].resolve()
            bundle_export_folder(
                bundle=bundle,
                folder=folder,
                root=options["root"],
                form=options["lossless"],
                fps=parse_rate(options["fps"]) if options["fps"] else None,
            )
            facts |= {"folder": str(folder)}
        self.answer(facts)


def _require_together(options: dict[str, Any]) -> None:
    """Refuse an option that would be passed over in silence."""
    given = [name for name in ("layout", "fps", "lossless") if options[name]]
    if options["zip"] and given:
        raise BadInput(
            f"a ZIP holds what was frozen; --{given[0]} is for a folder", hint="give --folder DIR"
        )
    alone = [name for name in ("root", "fps", "lossless") if options[name]]
    if options["layout"] and alone:
        raise BadInput(
            f"--layout {options['layout']} has paths, rates and files of its own; "
            f"--{alone[0]} is for the tree of the Casper trainer",
            hint=f"leave --{alone[0]} out, or --layout",
        )


def _in_layout(bundle: Bundle, layout: str, folder: Path) -> dict[str, Any]:
    report = bundle_export_layout(bundle=bundle, layout=layout, folder=folder)
    return {"folder": str(folder), "layout": layout, **report}
