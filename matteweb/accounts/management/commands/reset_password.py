"""``manage.py reset_password USER``: a new one-time password, for who forgot theirs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from matteweb.accounts.services import user_reset_password
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    help = "Print a new one-time password for USER, to be changed at the next login."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER")

    def act(self, options: dict[str, Any]) -> None:
        password = user_reset_password(username=options["user"], actor=self.actor)
        self.answer(
            {"user": options["user"], "one_time_password": password},
            f"One-time password of {options['user']}: {password}",
        )
