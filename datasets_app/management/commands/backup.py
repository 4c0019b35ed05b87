"""``manage.py backup DIR``: database and new blobs, while people work."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.services.keeping.backup import backup_write
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """The same folder again copies only what is new."""

    help = "Write a consistent backup into DIR; run it again to add what is new."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path)

    def act(self, options: dict[str, Any]) -> None:
        self.answer(asdict(backup_write(folder=options["dir"].resolve())))
