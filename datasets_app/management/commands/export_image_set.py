"""``manage.py export_image_set``: the pictures of an image set as a folder per class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.selectors.image_sets import image_sets_of
from datasets_app.services.trees.layout_exports import image_set_export
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.errors import NotFound


class Command(MatteCommand):
    """Leaves out what was rejected, and says so."""

    help = "Write an image set as a tree that anomaly detection reads: train/good, test/<class>."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the image set")
        parser.add_argument("--project", required=True)
        parser.add_argument("--folder", type=Path, required=True, metavar="DIR")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.VIEWER)
        found = image_sets_of(project).filter(name=options["name"]).first()
        if found is None:
            raise NotFound(f"there is no image set {options['name']!r} in {project.name}")
        folder = options["folder"].resolve()
        report = image_set_export(image_set=found, folder=folder)
        self.answer({"image_set": found.pk, "folder": str(folder), **report})
