"""What somebody sees who gave a wrong password too often."""

from __future__ import annotations

import math
from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from matteweb.accounts.api_errors import error_body


def locked_out(request: HttpRequest, *_unused: Any) -> HttpResponse:
    """Answer a login that axes refuses (``AXES_LOCKOUT_CALLABLE``), with 429 and Retry-After."""
    pause = get_cool_off(request)
    seconds = int(pause.total_seconds()) if pause else 0
    message = _("Too many wrong passwords for this name from this address.")
    hint = _("Try again in %(minutes)d minutes, or ask for a new password.") % {
        "minutes": max(1, math.ceil(seconds / 60))
    }
    if request.path.startswith("/api/"):
        body = error_body(message, hint, "locked_out")
        return JsonResponse(body, status=429, headers={"Retry-After": str(seconds)})
    facts = {"message": message, "hint": hint}
    answer = render(request, "registration/locked_out.html", facts, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
