"""``manage.py create_token --user USER --name NAME``: a personal token for a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from matteweb.accounts.services import token_create
from matteweb.commands import MatteCommand, command_user


class Command(MatteCommand):
    help = "Print a new personal API token. It is shown once and has all rights of the user."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="whose token it is")
        parser.add_argument("--name", required=True, help='what it is for, e.g. "cluster"')
        parser.add_argument("--days", type=int, default=None, help="expires after so many days")

    def act(self, options: dict[str, Any]) -> None:
        days = options["days"]
        owner = command_user(options["user"])
        made = token_create(
            user=owner,
            name=options["name"],
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
            actor=self.actor,
        )
        expires = made.token.expires_at
        facts = {"user": owner.username, "name": made.token.name, "token": made.plain}
        self.answer(facts | {"expires_at": expires and expires.isoformat()}, made.plain)
