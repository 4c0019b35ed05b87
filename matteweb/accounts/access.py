"""Who may do what: every entry point asks here before it calls a service."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from matteweb.accounts.models import Membership, Project, Role, User
from matteweb.errors import NotAllowed, NotFound


def membership_for(
    user: User | AnonymousUser, slug: str, role: Role, *, archived: bool = False
) -> Membership:
    """Return the user's membership in the live project at ``slug``, its project loaded.

    Raises NotFound alike for a project that is absent, archived or not theirs, so that nobody can
    learn of projects elsewhere; NotAllowed when their role is below ``role``. With ``archived``
    only an archived project is found.
    """
    membership = (
        _memberships(user)
        .select_related("project", "user")
        .filter(project__slug=slug, project__archived_at__isnull=not archived)
        .first()
    )
    if membership is None:
        raise NotFound(
            f'There is no project "{slug}".',
            hint="Check the address, or ask an owner of the project to add you.",
        )
    _refuse_below(role, membership)
    return membership


def project_for(user: User | AnonymousUser, slug: str, role: Role) -> Project:
    """Return the live project at ``slug`` in which ``user`` is at least ``role``.

    Raises NotFound when it is absent, archived or not theirs, NotAllowed for too low a role.
    """
    return membership_for(user, slug, role).project


def require(user: User | AnonymousUser, project: Project, role: Role) -> None:
    """Check that ``user`` is at least ``role`` in ``project``; raises like ``project_for``."""
    membership_for(user, project.slug, role)


def role_in(user: User | AnonymousUser, project: Project) -> Role | None:
    """Return the user's role in ``project``, None when they are no member."""
    found = _memberships(user).filter(project=project).first()
    return Role(found.role) if found else None


def projects_of(user: User | AnonymousUser) -> list[Project]:
    """Return the live projects that the user is a member of, by name."""
    return list(Project.objects.filter(memberships__in=_memberships(user), archived_at=None))


def _memberships(user: User | AnonymousUser) -> QuerySet[Membership]:
    own = Membership.objects.all()
    return own.filter(user=user) if isinstance(user, User) else own.none()


def _refuse_below(role: Role, membership: Membership) -> None:
    if Role(membership.role).rank >= role.rank:
        return
    owners = (
        Membership.objects.filter(project=membership.project_id, role=Role.OWNER)
        .order_by("user__username")
        .values_list("user__username", flat=True)
    )
    raise NotAllowed(
        f'This needs the role "{role}"; in "{membership.project.name}" you are '
        f'"{membership.role}".',
        hint=f"Ask an owner: {', '.join(owners[:3])}.",
    )
