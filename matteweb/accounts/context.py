"""What the frame around every page shows: the project, its neighbours, the version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from matteweb.accounts.access import projects_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return ``projects`` (of the user, read only when a template asks), ``project``, ``role``,
    ``version``. ``project`` and ``role`` are None outside a project.
    """
    return {
        "projects": SimpleLazyObject(lambda: projects_of(request.user)),
        "project": getattr(request, "project", None),
        "role": getattr(request, "role", None),
        "version": settings.VERSION,
    }
