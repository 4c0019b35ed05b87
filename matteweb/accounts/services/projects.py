"""Projects: create, rename, archive, restore."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Membership, Project, Role, User
from matteweb.accounts.services.audit import audit
from matteweb.accounts.services.users import LOCAL_USERNAME
from matteweb.errors import BadInput, Conflict

SLUG_LENGTH = 64
NAME_LENGTH = 120


def project_create(*, actor: Actor, name: str = "", slug: str = "") -> Project:
    """Create a project whose owner is the acting user.

    Without ``slug`` one is made from ``name`` (with a number when taken); without ``name`` the slug
    is the name. A project that a command makes in nobody's name also belongs to the people who
    own the installation: otherwise no page would show it.
    Raises BadInput for a bad name or slug, Conflict when the given slug is taken.
    """
    if actor.user is None:
        raise BadInput("A project needs an owner.", hint="Say in whose name it is made.")
    name = _clean_name(name or slug)
    with transaction.atomic():
        slug = _given_slug(slug) if slug else _free_slug(name)
        project = Project.objects.create(slug=slug, name=name)
        for user in _first_owners(actor.user):
            Membership.objects.create(project=project, user=user, role=Role.OWNER)
        _audit(actor, project, "project.create", {"name": name, "slug": slug})
    return project


def project_rename(*, project: Project, name: str, actor: Actor) -> Project:
    """Give the project another name; its address stays."""
    name = _clean_name(name)
    with transaction.atomic():
        before, project.name = project.name, name
        project.save(update_fields=["name"])
        _audit(actor, project, "project.rename", {"before": before, "after": name})
    return project


def project_archive(*, project: Project, actor: Actor) -> None:
    """Take the project out of sight; nothing in it is lost, an owner can restore it."""
    with transaction.atomic():
        now = timezone.now()
        if not Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=now):
            raise Conflict(f'The project "{project.name}" is archived already.')
        project.archived_at = now
        _audit(actor, project, "project.archive", {})


def project_restore(*, project: Project, actor: Actor) -> None:
    """Bring an archived project back."""
    with transaction.atomic():
        archived = Project.objects.filter(pk=project.pk, archived_at__isnull=False)
        if not archived.update(archived_at=None):
            raise Conflict(f'The project "{project.name}" is not archived.')
        project.archived_at = None
        _audit(actor, project, "project.restore", {})


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BadInput("A project needs a name.")
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise BadInput(
            f"The project's name has {len(name)} characters.",
            hint=f"Use at most {NAME_LENGTH}, all of them printable.",
        )
    return name


def _given_slug(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError:
        proposal = slugify(slug)[:SLUG_LENGTH]
        raise BadInput(
            f'"{slug}" cannot stand in an address: letters, digits, "-" and "_" can.',
            hint=f"Try {proposal}." if proposal else "",
        ) from None
    if len(slug) > SLUG_LENGTH:
        raise BadInput(f"The slug has {len(slug)} characters.", hint=f"At most {SLUG_LENGTH}.")
    if Project.objects.filter(slug__iexact=slug).exists():
        raise Conflict(
            f'There is already a project with the address "{slug}".', hint="Choose another."
        )
    return slug


def _free_slug(name: str) -> str:
    stem = slugify(name)[: SLUG_LENGTH - 8].strip("-_") or "project"
    taken = set(Project.objects.filter(slug__istartswith=stem).values_list("slug", flat=True))
    taken = {slug.lower() for slug in taken}
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _first_owners(user: User) -> list[User]:
    """Return who owns a new project: its maker, and for the local user also the site's owners."""
    if user.username != LOCAL_USERNAME:
        return [user]
    return [user, *User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)]


def _audit(actor: Actor, project: Project, action: str, detail: dict[str, str]) -> None:
    audit(
        actor=actor,
        project=project,
        action=action,
        target_kind="project",
        target_id=project.slug,
        detail=detail,
    )
