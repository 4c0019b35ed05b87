"""A program that asks the API with a personal token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from matteweb.accounts.models import Role
from tests import factories
from tests.rendered import Rendered

Ask = Callable[..., HttpResponse]


def asking(rendered: Rendered, role: Role | None = None) -> Ask:
    """Return ``ask(method, path, body)`` by token: of the owner, or of a new member.

    ``path`` is relative to the project's own part of the API.
    """
    user = factories.member(rendered.project, role) if role else rendered.actor.user
    assert user is not None
    client = Client(headers={"Authorization": f"Bearer {factories.token(user)}"})
    base = f"/api/projects/{rendered.project.slug}/"

    def ask(method: str, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        given = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer: HttpResponse = getattr(client, method)(base + path, **given, **extra)
        return answer

    return ask


@pytest.fixture
def ask(rendered: Rendered, db: None) -> Ask:
    """Ask as the project's owner."""
    return asking(rendered)
