"""``manage.py promote_sample``: make a foreground of an accepted sample."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Sample
from datasets_app.services.sources.promotion import sample_promote
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.errors import NotFound


class Command(MatteCommand):
    """Answers with the id and name of the foreground."""

    help = "Make a foreground of the library out of an accepted sample's fgr and alpha."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="id or name of the sample")
        parser.add_argument("--project", required=True)

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.LEAD)
        word = options["sample"]
        rows = Sample.objects.filter(project=project, archived_at=None)
        rows = rows.filter(pk=int(word)) if word.isdecimal() else rows.filter(name=word)
        sample = rows.select_related("project").first()
        if sample is None:
            raise NotFound(f"there is no sample {word!r} in {project.slug}")
        asset = sample_promote(sample=sample, actor=self.actor)
        self.answer({"id": asset.pk, "name": asset.name, "state": asset.state})
