"""The audit log: one entry per change, written in the transaction of that change."""

from __future__ import annotations

from typing import Any

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project


def audit(
    *,
    actor: Actor,
    project: Project | None,
    action: str,
    target_kind: str,
    target_id: object,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Record that ``actor`` did ``action`` (``"<kind>.<verb>"``) to one object.

    ``detail`` is small JSON: what a reader of the log needs to understand the act, never a secret.
    """
    return AuditEntry.objects.create(
        actor=actor.user,
        channel=actor.channel,
        project=project,
        action=action,
        target_kind=target_kind,
        target_id=str(target_id),
        detail=detail or {},
    )
