"""What holds for every page: errors are words, and a one-time password is changed first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.deprecation import MiddlewareMixin

from matteweb.accounts.error_pages import error_answer
from matteweb.errors import MatteError, NotAllowed

# What somebody with a one-time password may still reach.
OPEN_WHILE_CHANGING = frozenset(
    {"javascript-catalog", "login", "logout", "password", "set_language"}
)


class PageErrorMiddleware(MiddlewareMixin):
    """Turn a MatteError that leaves a page view into an answer with its message and hint.

    API views of REST framework never get here: their exception handler is ``api_errors.handle``.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Send a person with a one-time password to the form where they change it."""
        user = request.user
        if not user.is_authenticated or not user.must_change_password:
            return None
        try:
            if resolve(request.path_info).url_name in OPEN_WHILE_CHANGING:
                return None
        except Resolver404:
            return None
        if request.path.startswith("/api/"):
            error = NotAllowed(
                "The one-time password must be changed first.",
                hint=f"Log in at {reverse('login')} and choose a password.",
            )
            return error_answer(request, error)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("password")})
        return HttpResponseRedirect(reverse("password"))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a MatteError; anything else is a fault of the program and rises."""
        return error_answer(request, error) if isinstance(error, MatteError) else None
