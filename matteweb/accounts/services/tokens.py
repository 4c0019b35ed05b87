"""Personal API tokens: shown once, stored as sha256, looked up by it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import ApiToken, User
from matteweb.accounts.services.audit import audit
from matteweb.accounts.services.users import LOCAL_USERNAME
from matteweb.errors import BadInput, NotFound

# A fixed prefix lets secret scanners and people recognise a token that lies around.
TOKEN_PREFIX = "mw_"  # noqa: S105
SHOWN_CHARACTERS = 12
LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; ``plain`` can never be read again."""

    token: ApiToken
    plain: str


def token_create(
    *, user: User, name: str, actor: Actor, expires_at: datetime | None = None
) -> NewToken:
    """Make a token with all rights of ``user``: 256 random bits, unsalted sha256 is enough.

    Raises BadInput for an empty or overlong name, a date of expiry that has passed, or the local
    user, which acts by commands only.
    """
    if user.username == LOCAL_USERNAME:
        raise BadInput(
            f'"{LOCAL_USERNAME}" acts by commands only and has no tokens.',
            hint="Name the user of a person.",
        )
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise BadInput("A token needs a name of 1 to 80 characters.", hint='e.g. "cluster".')
    if expires_at is not None and expires_at <= timezone.now():
        raise BadInput("The token would have expired already.", hint="Choose a later date.")
    plain = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=plain[:SHOWN_CHARACTERS],
            digest=token_digest(plain),
            expires_at=expires_at,
        )
        _audit(actor, token, "token.create")
    return NewToken(token, plain)


def token_revoke(*, user: User, token_id: int, actor: Actor) -> None:
    """Make one of the user's tokens useless at once; NotFound for anybody else's."""
    with transaction.atomic():
        token = ApiToken.objects.filter(user=user, pk=token_id).first()
        if token is None:
            raise NotFound(f"You have no token {token_id}.")
        _audit(actor, token, "token.revoke")
        token.delete()


def token_check(plain: str) -> ApiToken | None:
    """Return the live token whose text is ``plain``, with its user; None for any other.

    Notes the use at most once a minute, so that reads do not become writes.
    """
    if not plain.startswith(TOKEN_PREFIX):
        return None
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .filter(digest=token_digest(plain), user__is_active=True)
        .first()
    )
    if token and (token.last_used_at is None or token.last_used_at <= now - LAST_USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def token_digest(plain: str) -> str:
    """Return the form in which a token is stored: hexadecimal sha256."""
    return hashlib.sha256(plain.encode()).hexdigest()


def _audit(actor: Actor, token: ApiToken, action: str) -> None:
    audit(
        actor=actor,
        project=None,
        action=action,
        target_kind="token",
        target_id=token.pk,
        detail={"name": token.name, "prefix": token.prefix, "username": token.user.username},
    )
