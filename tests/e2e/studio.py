"""A running MatteWeb with people, and projects whose samples are really rendered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.web_server import WebServer, web_server

PASSWORD = "a long secret"

_PEOPLE = """
from matteweb.accounts.models import User
for name in ("ben", "lena"):
    User.objects.create_user(name, password="{password}")
"""
_PROJECT = """
import json
from pathlib import Path
from datasets_app.models import Sample, Verdict
from matteweb.accounts.models import Membership, Project, User
from tests import factories
from tests.rendered import frozen, rendered_project
# Each call is a process of its own, whose numbers would begin at 1 again.
factories._numbers = iter(range(1000 * Project.objects.count(), 10**6))
made = rendered_project(Path("{folder}"), count={count})
if {is_frozen}:
    frozen(made)
else:
    Verdict.objects.filter(sample__project=made.project).delete()
    Sample.objects.filter(project=made.project).update(review="pending")
for name, role in (("anna", "reviewer"), ("ben", "reviewer"), ("lena", "owner")):
    user = User.objects.get(username=name)
    Membership.objects.create(project=made.project, user=user, role=role)
print(json.dumps({{
    "slug": made.project.slug,
    "video": made.videos[0].pk,
    "run": made.run.pk,
    "samples": [sample.pk for sample in made.samples],
    "names": [sample.name for sample in made.samples],
}}))
"""


@dataclass(frozen=True)
class StudioProject:
    """A project of the studio; ``samples`` are in the order of the queue."""

    slug: str
    video: int
    run: int
    samples: list[int]
    names: list[str]


@dataclass(frozen=True)
class Studio:
    """The server and what can be done on it; ``anna`` and ``ben`` review, ``lena`` owns."""

    server: WebServer
    folder: Path

    def project(self, count: int, *, is_frozen: bool = False) -> StudioProject:
        """Make a project with ``count`` samples that wait, or that are in a frozen bundle."""
        folder = self.folder / f"footage-{len(list(self.folder.glob('footage-*')))}"
        folder.mkdir()
        code = _PROJECT.format(folder=folder, count=count, is_frozen=is_frozen)
        return StudioProject(**json.loads(self.server.installation.python(code).splitlines()[-1]))

    def python(self, code: str) -> str:
        """Run lines inside the program."""
        return self.server.installation.python(code)

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Read the database."""
        return self.server.installation.query(sql, *values)

    def sign_in(self, page: Page, name: str) -> Page:
        """Log somebody in, without a mouse."""
        page.goto(f"{self.server.address}/login/")
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/projects/")
        return page


@contextmanager
def studio_in(folder: Path) -> Iterator[Studio]:
    """Start a studio in ``folder``; end it afterwards."""
    with web_server(folder / "data") as server:
        made = Studio(server, folder)
        made.python(_PEOPLE.format(password=PASSWORD))
        yield made
