"""Who acts, and through which door: handed to every service that changes something."""

from __future__ import annotations

from dataclasses import dataclass

from matteweb.accounts.models import AuditEntry, User


@dataclass(frozen=True, slots=True)
class Actor:
    """A user together with the channel that they came in by.

    ``user`` is None only for what the program does by itself (a job, the first-run demo).
    """

    user: User | None
    channel: AuditEntry.Channel

    @property
    def by_command(self) -> bool:
        """Whether the act came from the command line."""
        return self.channel == AuditEntry.Channel.COMMAND
