"""The shapes in which accounts appear in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from matteweb.accounts.models import ApiToken, AuditEntry, Membership, Project, Role


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A project; its slug is its address and never changes."""

    class Meta:
        model = Project
        fields = ("slug", "name", "created_at")
        read_only_fields = ("created_at",)


class ProjectChange(serializers.Serializer[Any]):
    """What of a project can be changed."""

    name = serializers.CharField(max_length=120)


class NewProject(serializers.Serializer[Any]):
    """A project to be made; without a slug one is made from the name."""

    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=64, required=False, default="")


class ProjectRoleSerializer(serializers.ModelSerializer[Membership]):
    """A project of the asking user, and their role in it."""

    slug = serializers.SlugField(source="project.slug")
    name = serializers.CharField(source="project.name")

    class Meta:
        model = Membership
        fields = ("slug", "name", "role")


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking, and where they work."""

    username = serializers.CharField()
    projects = ProjectRoleSerializer(many=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member of a project."""

    username = serializers.CharField(source="user.username")

    class Meta:
        model = Membership
        fields = ("username", "role")


class NewMember(serializers.Serializer[Any]):
    """Somebody to be added; a username that is new here becomes a user."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)


class MemberRole(serializers.Serializer[Any]):
    """Another role."""

    role = serializers.ChoiceField(choices=Role.choices)


class AddedMember(serializers.Serializer[Any]):
    """A member who was just added."""

    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    one_time_password = serializers.CharField(
        allow_null=True, help_text="for a new user, shown only here; null for one who existed"
    )


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its text."""

    class Meta:
        model = ApiToken
        fields = ("id", "name", "prefix", "created_at", "last_used_at", "expires_at")


class NewTokenRequest(serializers.Serializer[Any]):
    """A token to be made."""

    name = serializers.CharField(max_length=80)
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class MadeToken(serializers.Serializer[Any]):
    """A token that was just made, with its text."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    token = serializers.CharField(help_text="shown only here")


class LoginRequest(serializers.Serializer[Any]):
    """Username and password of a person, for a token."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = serializers.CharField(
        max_length=80, default="command line", help_text="what the token is for"
    )


class AuditSerializer(serializers.ModelSerializer[AuditEntry]):
    """One act."""

    actor = serializers.SlugRelatedField(  # type: ignore[var-annotated]
        slug_field="username", read_only=True, help_text="null: the program itself"
    )

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "actor", "channel", "action", "target_kind", "target_id", "detail")
