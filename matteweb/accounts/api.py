"""The API of accounts: log in, who am I, tokens, projects, members, audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matteweb.accounts import selectors, serializers, services
from matteweb.accounts.actor import Actor
from matteweb.accounts.api_errors import ErrorSerializer, error_body
from matteweb.accounts.audit_export import audit_file
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.accounts.web import (
    ProjectRequest,
    accepted,
    api_actor,
    api_project,
    api_user,
    project_api,
)
from matteweb.errors import NotAllowed

ERROR = OpenApiResponse(ErrorSerializer)
REFUSALS = {401: ERROR, 403: ERROR, 404: ERROR}
DONE = OpenApiResponse(description="done")


class LoginView(APIView):
    """Exchange username and password for a personal token (a program's login)."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        request=serializers.LoginRequest,
        responses={201: serializers.MadeToken, 401: ERROR, 403: ERROR, 429: ERROR},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Make a token; too many wrong passwords lock the name for a while (429)."""
        given = accepted(serializers.LoginRequest, request)
        user = authenticate(
            request._request, username=given["username"], password=given["password"]
        )
        if not isinstance(user, User):
            body = error_body("Wrong username or password.", code="authentication_failed")
            return Response(body, status=status.HTTP_401_UNAUTHORIZED)
        if user.must_change_password:
            raise NotAllowed(
                "The one-time password must be changed first.",
                hint="Log in with the browser and choose a password.",
            )
        actor = Actor(user, AuditEntry.Channel.API)
        made = services.token_create(user=user, name=given["name"], actor=actor)
        return _made(made)


class MeView(APIView):
    """Who is asking, and where they work."""

    @extend_schema(responses={200: serializers.MeSerializer, 401: ERROR})
    def get(self, request: Request) -> Response:
        """Return the username and the projects with the role in each."""
        user = api_user(request)
        facts = {"username": user.username, "projects": selectors.memberships_of(user)}
        return Response(serializers.MeSerializer(facts).data)


class TokensView(APIView):
    """The asking user's tokens."""

    @extend_schema(responses={200: serializers.TokenSerializer(many=True), 401: ERROR})
    def get(self, request: Request) -> Response:
        """List the tokens; their text is not stored and cannot be shown."""
        tokens = selectors.tokens_of(api_user(request))
        return Response(serializers.TokenSerializer(tokens, many=True).data)

    @extend_schema(
        request=serializers.NewTokenRequest,
        responses={201: serializers.MadeToken, 400: ERROR, 401: ERROR},
    )
    def post(self, request: Request) -> Response:
        """Make a token; its text is in this answer only."""
        given = accepted(serializers.NewTokenRequest, request)
        return _made(
            services.token_create(user=api_user(request), actor=api_actor(request), **given)
        )


class TokenView(APIView):
    """One token of the asking user."""

    @extend_schema(request=None, responses={204: DONE, 401: ERROR, 404: ERROR})
    def delete(self, request: Request, token: int) -> Response:
        """Revoke it; it stops working at once."""
        services.token_revoke(user=api_user(request), token_id=token, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectsView(APIView):
    """The asking user's projects."""

    @extend_schema(responses={200: serializers.ProjectRoleSerializer(many=True), 401: ERROR})
    def get(self, request: Request) -> Response:
        """List the projects with the role in each."""
        memberships = selectors.memberships_of(api_user(request))
        return Response(serializers.ProjectRoleSerializer(memberships, many=True).data)

    @extend_schema(
        request=serializers.NewProject,
        responses={201: serializers.ProjectSerializer, 400: ERROR, 401: ERROR, 409: ERROR},
    )
    def post(self, request: Request) -> Response:
        """Create a project, owned by the asking user."""
        given = accepted(serializers.NewProject, request)
        project = services.project_create(actor=api_actor(request), **given)
        body = serializers.ProjectSerializer(project).data
        return Response(body, status=status.HTTP_201_CREATED)


class ProjectView(APIView):
    """One project."""

    @extend_schema(responses={200: serializers.ProjectSerializer, **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """Return its name and address."""
        found = api_project(request, project, Role.VIEWER)
        return Response(serializers.ProjectSerializer(found).data)

    @extend_schema(
        request=serializers.ProjectChange,
        responses={200: serializers.ProjectSerializer, 400: ERROR, **REFUSALS},
    )
    def patch(self, request: Request, project: str) -> Response:
        """Rename it (owner)."""
        found = api_project(request, project, Role.OWNER)
        given = accepted(serializers.ProjectChange, request)
        services.project_rename(project=found, name=given["name"], actor=api_actor(request))
        return Response(serializers.ProjectSerializer(found).data)

    @extend_schema(request=None, responses={204: DONE, **REFUSALS})
    def delete(self, request: Request, project: str) -> Response:
        """Archive it (owner); nothing in it is lost."""
        found = api_project(request, project, Role.OWNER)
        services.project_archive(project=found, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MembersView(APIView):
    """The members of a project."""

    @extend_schema(responses={200: serializers.MemberSerializer(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them, owners first."""
        members = selectors.members_of(api_project(request, project, Role.VIEWER))
        return Response(serializers.MemberSerializer(members, many=True).data)

    @extend_schema(
        request=serializers.NewMember,
        responses={201: serializers.AddedMember, 400: ERROR, 409: ERROR, **REFUSALS},
    )
    def post(self, request: Request, project: str) -> Response:
        """Add a member (owner); a name that is new here becomes a user."""
        found = api_project(request, project, Role.OWNER)
        given = accepted(serializers.NewMember, request)
        member, one_time_password = services.member_invite(
            project=found,
            username=given["username"],
            role=Role(given["role"]),
            actor=api_actor(request),
        )
        facts = {
            "username": member.user.username,
            "role": member.role,
            "one_time_password": one_time_password,
        }
        body = serializers.AddedMember(facts).data
        return Response(body, status=status.HTTP_201_CREATED)


class MemberView(APIView):
    """One member of a project."""

    @extend_schema(
        request=serializers.MemberRole,
        responses={200: serializers.MemberSerializer, 400: ERROR, 409: ERROR, **REFUSALS},
    )
    def put(self, request: Request, project: str, username: str) -> Response:
        """Change the member's role (owner)."""
        found = api_project(request, project, Role.OWNER)
        user = services.member_user(project=found, username=username)
        given = accepted(serializers.MemberRole, request)
        member = services.member_set_role(
            project=found, user=user, role=Role(given["role"]), actor=api_actor(request)
        )
        return Response(serializers.MemberSerializer(member).data)

    @extend_schema(request=None, responses={204: DONE, 409: ERROR, **REFUSALS})
    def delete(self, request: Request, project: str, username: str) -> Response:
        """Remove the member (owner)."""
        found = api_project(request, project, Role.OWNER)
        user = services.member_user(project=found, username=username)
        services.member_remove(project=found, user=user, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AuditView(ListAPIView[AuditEntry]):
    """Who did what in a project, newest first."""

    serializer_class = serializers.AuditSerializer
    queryset = AuditEntry.objects.none()

    def get_queryset(self) -> Any:
        """Return the project's entries."""
        return selectors.audit_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(responses={200: serializers.AuditSerializer(many=True), **REFUSALS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the entries, a page at a time."""
        return self.list(request, *args, **kwargs)


@project_api(Role.VIEWER)
@require_GET
def audit_export(request: ProjectRequest, project: Project, form: str) -> StreamingHttpResponse:
    """Answer with the whole log as CSV or JSON lines, oldest first."""
    return audit_file(project, form)


def _made(made: services.NewToken) -> Response:
    token = made.token
    facts = {"id": token.pk, "name": token.name, "expires_at": token.expires_at}
    body = serializers.MadeToken(facts | {"token": made.plain}).data
    answer = Response(body, status=status.HTTP_201_CREATED)
    answer["Cache-Control"] = "no-store"
    return answer
