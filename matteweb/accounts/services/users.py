"""People who log in, and the one user in whose name commands act."""

from __future__ import annotations

import secrets

from axes.utils import reset as unlock
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Membership, Project, Role, User
from matteweb.accounts.services.audit import audit
from matteweb.errors import BadInput, NotFound

LOCAL_USERNAME = "local"
FIRST_OWNER_USERNAME = "owner"

# Without 0/o, 1/l/i: a one-time password is read off a terminal and typed.
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def first_owner_ensure() -> tuple[str, str] | None:
    """Create the first person on a new installation; return (username, one-time password).

    Returns None on every later run. The first owner also becomes an owner of the projects that
    commands made before anybody could log in.
    """
    with transaction.atomic():
        if User.objects.exclude(username=LOCAL_USERNAME).exists():
            return None
        password = one_time_password()
        user = User(
            username=FIRST_OWNER_USERNAME,
            must_change_password=True,
            is_staff=True,
            is_superuser=True,
        )
        user.set_password(password)
        user.save()
        for project in Project.objects.all():
            Membership.objects.create(project=project, user=user, role=Role.OWNER)
        program = Actor(user=None, channel=AuditEntry.Channel.COMMAND)
        audit(
            actor=program,
            project=None,
            action="user.create",
            target_kind="user",
            target_id=user.pk,
            detail={"username": user.username},
        )
    return user.username, password


def local_user_ensure() -> User:
    """Return the user in whose name commands act; nobody can log in as it."""
    user, created = User.objects.get_or_create(username=LOCAL_USERNAME)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def user_invite(*, username: str, actor: Actor) -> tuple[User, str]:
    """Create a user with a one-time password that must be changed at the first login.

    Returns the user and the password, which is stored only as a hash.
    Raises BadInput when the name is taken, reserved or not a valid username.
    """
    username = User.normalize_username(username.strip())
    if username.lower() == LOCAL_USERNAME:
        raise BadInput(
            f'The name "{LOCAL_USERNAME}" belongs to the commands.', hint="Choose another name."
        )
    if User.objects.filter(username__iexact=username).exists():
        raise BadInput(f'There is already a user "{username}".', hint="Choose another name.")
    password = one_time_password()
    user = User(username=username, must_change_password=True)
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise BadInput(
            f'"{username}" cannot be a username.', hint=" ".join(error.messages)
        ) from error
    with transaction.atomic():
        user.save()
        audit(
            actor=actor,
            project=None,
            action="user.create",
            target_kind="user",
            target_id=user.pk,
            detail={"username": user.username},
        )
    return user, password


def user_reset_password(*, username: str, actor: Actor) -> str:
    """Give a user a new one-time password, returned once; every session of theirs ends.

    A lock after too many wrong passwords ends as well. Personal tokens stay valid: they are
    credentials of their own and are revoked one by one.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(f'There is no user "{username}".')
    if user.username == LOCAL_USERNAME:
        raise BadInput(
            f'Nobody logs in as "{LOCAL_USERNAME}"; it has no password.',
            hint="Name the user of a person.",
        )
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        unlock(username=user.username)
        audit(
            actor=actor,
            project=None,
            action="user.reset_password",
            target_kind="user",
            target_id=user.pk,
            detail={"username": user.username},
        )
    return password


def user_change_password(*, user: User, password: str, actor: Actor) -> None:
    """Store a password that the user chose; ends the duty to change it.

    Raises BadInput when it is weak or the one that is in use.
    """
    if user.check_password(password):
        raise BadInput("This is the password in use.", hint="Choose a new one.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput("This password is too weak.", hint=" ".join(error.messages)) from error
    user.set_password(password)
    user.must_change_password = False
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        audit(
            actor=actor,
            project=None,
            action="user.change_password",
            target_kind="user",
            target_id=user.pk,
        )


def one_time_password() -> str:
    """Return 16 random characters (79 bits) in four groups, easy to read and type."""
    groups = ("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
