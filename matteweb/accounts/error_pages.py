"""The page, partial or JSON that says what went wrong; also Django's own error handlers."""

from __future__ import annotations

import json
import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from matteweb.accounts.api_errors import error_body
from matteweb.errors import MatteError, NotAllowed, NotFound

log = logging.getLogger(__name__)


def error_answer(request: HttpRequest, error: MatteError) -> HttpResponse:
    """Return the error in the form that the asker can read, with the error's status."""
    if error.status >= 500:
        log.error("%s %s: %s", request.method, request.path, error)
    if request.path.startswith("/api/"):
        body = error_body(error.message, error.hint, error.code)
        return JsonResponse(body, status=error.status)
    facts = {
        "message": error.message,
        "hint": error.hint,
        "status": error.status,
        "back": _page_before(request),
    }
    if request.headers.get("HX-Request") == "true":
        answer = render(request, "accounts/_error.html", facts, status=error.status)
        # htmx leaves the page as it is on an error status; the toast says why.
        answer["HX-Trigger"] = json.dumps({"mw-toast": {"text": str(error), "tone": "bad"}})
        return answer
    return render(request, "error.html", facts, status=error.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that no view has (``handler404``)."""
    error = NotFound(
        _("There is nothing at this address."), hint=_("Check it, or start at your projects.")
    )
    return error_answer(request, error)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself forbids (``handler403``)."""
    return error_answer(request, NotAllowed(_("You may not do this.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django cannot read (``handler400``)."""
    return error_answer(request, MatteError(_("The request cannot be read.")))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the right CSRF token (``CSRF_FAILURE_VIEW``)."""
    log.warning("CSRF check failed for %s: %s", request.path, reason)
    error = NotAllowed(
        _("This form is too old, or came from another site."),
        hint=_("Go back, load the page again and send it once more."),
    )
    return error_answer(request, error)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a fault of the program (``handler500``); must not itself need what is broken."""
    message = _("MatteWeb made a mistake.")
    hint = _("It is in the log of the server. Your data is as it was before this request.")
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(message, hint, "fault"), status=500)
    facts = {"message": message, "hint": hint, "status": 500}
    try:
        return render(request, "error.html", facts, status=500)
    except Exception:
        log.exception("The error page itself failed")
        return HttpResponse(f"{message} {hint}", status=500, content_type="text/plain")


def _page_before(request: HttpRequest) -> str:
    """Return the page of this site on which the refused act was asked for, if any."""
    referer = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    return referer if own and referer != request.build_absolute_uri() else ""
