"""The very first start: the password is said whatever happens to the demo project."""

from __future__ import annotations

import io

import pytest

from matteweb.accounts.models import Project, User
from matteweb.jobs.management.commands.up import Command
from matteweb.jobs.models import Job

pytestmark = pytest.mark.django_db


def failing_hook(*, actor: object) -> None:
    """Fail as a demo project would on a full disk."""
    raise OSError("the disk is full")


def first_run() -> tuple[dict[str, str], str]:
    """Prepare as ``up`` does; return the login and what was said on the terminal."""
    said = io.StringIO()
    return Command(stderr=said)._first_run(), said.getvalue()


def test_a_failing_hook_does_not_lose_the_password(settings: object) -> None:
    settings.FIRST_RUN_HOOK = f"{__name__}.failing_hook"  # type: ignore[attr-defined]
    login, said = first_run()
    lines = said.splitlines()
    assert login["password"] in lines[0]
    assert lines[1:] == [
        "The demo project could not be made (the disk is full); everything else works."
    ]
    assert User.objects.get(username=login["user"]).check_password(login["password"])


def test_the_first_start_makes_the_demo_project_and_a_second_does_not() -> None:
    login, _ = first_run()
    assert [project.slug for project in Project.objects.all()] == ["demo"]
    assert Job.objects.count() == 4
    assert first_run() == ({}, "")
    assert login["user"]
