"""Who works in a project, and as what."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Membership, Project, Role, User
from matteweb.accounts.services.audit import audit
from matteweb.accounts.services.users import LOCAL_USERNAME, local_user_ensure, user_invite
from matteweb.errors import BadInput, Conflict, NotFound


def member_invite(
    *, project: Project, username: str, role: Role, actor: Actor
) -> tuple[Membership, str | None]:
    """Add somebody to a project; a person who is new here is created with a one-time password.

    Returns the membership and the password, or None for a user who existed.
    Raises Conflict when they are a member already, BadInput for a name that no user can have.
    """
    with transaction.atomic():
        user = User.objects.filter(username=username.strip()).first()
        if user and Membership.objects.filter(project=project, user=user).exists():
            raise Conflict(
                f'"{user.username}" is a member of "{project.name}" already.',
                hint="Change the role in the list of members.",
            )
        password = None
        if user is None:
            user, password = user_invite(username=username, actor=actor)
        membership = member_set_role(project=project, user=user, role=role, actor=actor)
    return membership, password


def member_set_role(*, project: Project, user: User, role: Role, actor: Actor) -> Membership:
    """Give a user a role in a project; one who was no member becomes one.

    Raises Conflict when it would leave the project without a person as its owner.
    """
    if not user.is_active:
        raise BadInput(f'"{user.username}" is switched off and cannot work in a project.')
    with transaction.atomic():
        membership = _locked(project).filter(user=user).first()
        before = membership.role if membership else None
        if before == role and membership:
            return membership
        if before == Role.OWNER:
            _refuse_last_owner(project, user)
        membership, _ = Membership.objects.update_or_create(
            project=project, user=user, defaults={"role": role}
        )
        action = "member.add" if before is None else "member.role"
        _audit(actor, project, action, user, {"before": before, "after": str(role)})
    return membership


def member_remove(*, project: Project, user: User, actor: Actor) -> None:
    """Take somebody out of a project; what they did there stays theirs.

    Raises NotFound when they are no member, Conflict when they are its last owner.
    """
    with transaction.atomic():
        membership = _locked(project).filter(user=user).first()
        if membership is None:
            raise NotFound(f'"{user.username}" is no member of "{project.name}".')
        if membership.role == Role.OWNER:
            _refuse_last_owner(project, user)
        membership.delete()
        _audit(actor, project, "member.remove", user, {"before": membership.role})


def member_user(*, project: Project, username: str) -> User:
    """Return the member called ``username``; NotFound says nothing about users elsewhere."""
    membership = (
        Membership.objects.select_related("user")
        .filter(project=project, user__username=username)
        .first()
    )
    if membership is None:
        raise NotFound(f'"{username}" is no member of "{project.name}".')
    return membership.user


def local_owner_ensure(*, project: Project, actor: Actor) -> Membership:
    """Make the local user an owner of the project, which lets commands act in it.

    Whoever can run a command here can read and write the whole data folder anyway.
    """
    return member_set_role(project=project, user=local_user_ensure(), role=Role.OWNER, actor=actor)


def _locked(project: Project) -> QuerySet[Membership]:
    """Return the project's members, held until the end of the transaction.

    Two owners who demote each other at once must not both succeed. SQLite's transactions are
    IMMEDIATE, so they queue there; other databases need the row locks.
    """
    return Membership.objects.select_for_update().filter(project=project)


def _refuse_last_owner(project: Project, leaving: User) -> None:
    """Raise Conflict unless another person owns the project; the local user is no person."""
    others = (
        _locked(project)
        .filter(role=Role.OWNER, user__is_active=True)
        .exclude(user=leaving)
        .exclude(user__username=LOCAL_USERNAME)
    )
    if not others.exists():
        raise Conflict(
            f'"{leaving.username}" is the last owner of "{project.name}".',
            hint="Make another member an owner first.",
        )


def _audit(actor: Actor, project: Project, action: str, user: User, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=project,
        action=action,
        target_kind="member",
        target_id=user.pk,
        detail={"username": user.username, **detail},
    )
