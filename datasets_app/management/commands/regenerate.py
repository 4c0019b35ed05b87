"""``manage.py regenerate``: rebuild one sample and compare every byte."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Sample
from datasets_app.services.runs.regeneration import sample_regenerate
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand
from matteweb.errors import NotFound


class Command(MatteCommand):
    """Exit code 6 when a byte differs."""

    help = "Rebuild a sample from its recorded plan and inputs; say whether it is identical."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="id or name of the sample")
        parser.add_argument("--project", default="", help="needed when a name is not unique")

    def act(self, options: dict[str, Any]) -> None:
        sample = _find(options["sample"], options["project"])
        self.project(sample.project.slug, Role.VIEWER)
        found = sample_regenerate(sample=sample)
        self.answer(found.as_json(), code=Exit.OK if found.identical else Exit.FINDINGS)


def _find(word: str, project: str) -> Sample:
    rows = Sample.objects.select_related("project", "run").filter(archived_at=None)
    if project:
        rows = rows.filter(project__slug=project)
    rows = rows.filter(pk=int(word)) if word.isdecimal() else rows.filter(name=word)
    found = list(rows[:2])
    if len(found) != 1:
        what = "no sample" if not found else "more than one sample"
        raise NotFound(f"there is {what} {word!r}", hint="name it by id, or add --project")
    return found[0]
