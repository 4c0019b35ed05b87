"""Builders of rows for tests: real rows, made as the program makes them, with short names."""

from __future__ import annotations

from itertools import count

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Membership, Project, Role, User
from matteweb.accounts.services import token_create

_numbers = count(1)


def user(name: str = "") -> User:
    """Return a new person, whose password is ``secret``."""
    return User.objects.create_user(name or f"person{next(_numbers)}", password="secret")


def project(slug: str = "", **roles: User) -> Project:
    """Return a new project; ``roles`` are its members, e.g. ``owner=anna``."""
    number = next(_numbers)
    made = Project.objects.create(slug=slug or f"project-{number}", name=f"Project {number}")
    for role, member in roles.items():
        Membership.objects.create(project=made, user=member, role=Role(role))
    return made


def actor(who: User | None = None) -> Actor:
    """Return an actor that came in by a page; nobody in particular by default."""
    return Actor(who, AuditEntry.Channel.PAGE)


def member(of: Project, role: Role, name: str = "") -> User:
    """Return a new person who works in a project."""
    made = user(name)
    Membership.objects.create(project=of, user=made, role=role)
    return made


def token(of: User, name: str = "test") -> str:
    """Return the text of a new personal token."""
    return token_create(user=of, name=name, actor=Actor(of, AuditEntry.Channel.PAGE)).plain
