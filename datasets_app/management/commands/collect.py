"""``manage.py collect``: free the bytes that nothing refers to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.byte_counts import in_words
from datasets_app.services.keeping.collection import blobs_collect
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Only counts unless --delete is given."""

    help = "Count, or with --delete remove, stored bytes that no object refers to."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="default: only count")

    def act(self, options: dict[str, Any]) -> None:
        found = blobs_collect(delete=options["delete"])
        verb = "deleted" if found.deleted else "could be deleted (add --delete)"
        self.answer(
            {
                "blobs": found.blobs,
                "bytes": found.bytes,
                "young": found.young,
                "deleted": found.deleted,
            },
            f"{found.blobs} unused blobs, {in_words(found.bytes)}, {verb}; "
            f"{found.young} are too young to judge",
        )
