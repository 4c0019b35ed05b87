"""``manage.py restore DIR``: a backup into an empty data folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from datasets_app.services.keeping.backup import backup_restore
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Makes no database of its own: the backup's is the one."""

    help = "Restore a backup from DIR into the (empty) folder that MATTEWEB_DATA names."
    needs_database: ClassVar[bool] = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path)

    def act(self, options: dict[str, Any]) -> None:
        self.answer(asdict(backup_restore(folder=options["dir"].resolve())))
