"""Reads for pages and API: who is where, and what happened."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from matteweb.accounts.models import ApiToken, AuditEntry, Membership, Project, Role, User


def memberships_of(user: User, *, archived: bool = False) -> QuerySet[Membership]:
    """Return the user's memberships in live (or archived) projects, by project name."""
    found = user.memberships.select_related("project")
    return found.filter(project__archived_at__isnull=not archived).order_by("project__name")


def members_of(project: Project) -> QuerySet[Membership]:
    """Return the members with their users, the highest role first."""
    rank = Case(
        *(When(role=role, then=Value(role.rank)) for role in Role), output_field=IntegerField()
    )
    members = project.memberships.select_related("user")
    return members.order_by(rank.desc(), "user__username")


def audit_of(project: Project) -> QuerySet[AuditEntry]:
    """Return what was done in the project, newest first, with who did it."""
    return AuditEntry.objects.filter(project=project).select_related("actor")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the user's tokens, newest first, expired ones included."""
    return ApiToken.objects.filter(user=user).order_by("-created_at", "-pk")
