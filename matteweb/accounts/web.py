"""What views need of accounts: who acts, and the project that an address names.

``@project_page(Role.X)`` is for pages, ``@project_api(Role.X)`` for API views outside REST
framework (uploads, downloads); views of REST framework call ``api_project``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import CSRFCheck
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from matteweb.accounts.access import membership_for, project_for
from matteweb.accounts.actor import Actor
from matteweb.accounts.api_errors import TOKEN_HINT, error_body, error_response
from matteweb.accounts.authentication import CHALLENGE, request_token
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.accounts.request_numbers import is_too_large
from matteweb.accounts.services import token_check
from matteweb.errors import MatteError, NotAllowed

View = TypeVar("View", bound=Callable[..., Any])


class UserRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


class ProjectRequest(UserRequest):
    """A request inside a project, as ``project_page`` and ``project_api`` hand it to a view."""

    project: Project
    role: Role


def page_actor(request: HttpRequest) -> Actor:
    """Return who acts on a page; only for views behind ``project_page`` or ``signed_in``."""
    return Actor(cast(User, request.user), AuditEntry.Channel.PAGE)


def api_actor(request: Request | HttpRequest) -> Actor:
    """Return who acts through the API, by token or by session."""
    return Actor(cast(User, request.user), AuditEntry.Channel.API)


def accepted(shape: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """Return the request's body as the serializer checked it.

    Raises its validation error, also for a field that it does not know: a misspelt one would
    otherwise count as left out; and for a number that the database cannot hold.
    """
    checked = shape(data=request.data)
    checked.is_valid(raise_exception=True)
    known = set(getattr(checked, "fields", request.data))
    unknown = {
        name: [f"There is no such field; known: {', '.join(sorted(known))}."]
        for name in request.data
        if name not in known
    }
    if unknown:
        raise ValidationError(unknown)
    values = dict(checked.validated_data)
    if large := [name for name, value in values.items() if is_too_large(value)]:
        raise ValidationError({name: ["A number is too large to be stored."] for name in large})
    return values


def api_user(request: Request) -> User:
    """Return the user of a REST framework view, which is never anonymous behind its permission."""
    return cast(User, request.user)


def api_project(request: Request, slug: str, role: Role) -> Project:
    """Return the project of a REST framework view; NotFound or NotAllowed otherwise."""
    return project_for(request.user, slug, role)


def signed_in(view: View) -> View:
    """Send whoever is not logged in to the login page; for pages outside a project."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _login(request)

    return cast(View, wrapper)


def project_page(role: Role) -> Callable[[View], View]:
    """Turn the URL's ``project`` slug into the Project, for a page that needs ``role``.

    The view is called as ``view(request: ProjectRequest, project: Project, **kwargs)`` and may be
    sync or async. Somebody who is not logged in goes to the login page; NotFound and NotAllowed
    rise to the error page.
    """

    def enter(request: HttpRequest, slug: str) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return _login(request)
        _enter(request, request.user, slug, role)
        return None

    return _project_view(enter)


def project_api(role: Role) -> Callable[[View], View]:
    """Like ``project_page`` for API views outside REST framework: token or session, JSON errors.

    A session must pass the CSRF check; a token needs none. MatteErrors of the view itself are
    answered as JSON by the page error middleware, since the address begins with /api/.
    """

    def enter(request: HttpRequest, slug: str) -> HttpResponse | None:
        try:
            user = _api_user(request)
            if user is None:
                body = error_body("Who is asking?", TOKEN_HINT, "not_authenticated")
                return JsonResponse(body, status=401, headers={"WWW-Authenticate": CHALLENGE})
            _enter(request, user, slug, role)
        except MatteError as error:
            return error_response(error)
        return None

    def decorate(view: View) -> View:
        return csrf_exempt(_project_view(enter)(view))

    return decorate


def _project_view(
    enter: Callable[[HttpRequest, str], HttpResponse | None],
) -> Callable[[View], View]:
    """Wrap a view so that ``enter`` runs first; its response, if any, is the answer."""

    def decorate(view: View) -> View:
        if inspect.iscoroutinefunction(view):

            @wraps(view)
            async def awaited(request: ProjectRequest, *, project: str, **kwargs: Any) -> Any:
                refusal = await sync_to_async(enter)(request, project)
                return refusal or await view(request, request.project, **kwargs)

            return cast(View, awaited)

        @wraps(view)
        def called(request: ProjectRequest, *, project: str, **kwargs: Any) -> Any:
            return enter(request, project) or view(request, request.project, **kwargs)

        return cast(View, called)

    return decorate


def _enter(request: HttpRequest, user: User, slug: str, role: Role) -> None:
    membership = membership_for(user, slug, role)
    inside = cast(ProjectRequest, request)
    inside.user = user
    inside.project = membership.project
    inside.role = Role(membership.role)


def _api_user(request: HttpRequest) -> User | None:
    """Return the user by token, else by session; a wrong token never falls back to the session."""
    plain = request_token(request)
    if plain is not None:
        token = token_check(plain)
        return token.user if token else None
    user: User | AnonymousUser = request.user
    if not isinstance(user, User):
        return None
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, HttpResponse, (), {}):
        raise NotAllowed("The CSRF token is missing or wrong.", hint="Send it as X-CSRFToken.")
    return user


def _login(request: HttpRequest) -> HttpResponse:
    """Send to the login page, and from there back to the page that was being looked at."""
    htmx = request.headers.get("HX-Request") == "true"
    back = request.get_full_path() if request.method == "GET" else ""
    if htmx:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{here.path}?{here.query}" if here.query else here.path
    target = reverse("login") + (f"?{urlencode({'next': back})}" if back else "")
    if htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
