"""``manage.py cut_image_set``: cut pictures by class out of annotated videos."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.annotation.cutting import CutParams
from datasets_app.models import Annotation
from datasets_app.selectors.image_sets import annotations_of, class_counts
from datasets_app.services.trees.image_sets import CUT_KIND, image_set_start
from matteweb.accounts.models import Project, Role
from matteweb.commands import MatteCommand, assignments
from matteweb.errors import NotFound
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Makes a set; with --wait, stays until it is cut, working itself when no worker does."""

    help = "Cut an image set out of annotated videos, all of the project's or the named ones."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the new set: the class of things that it shows")
        parser.add_argument("--project", required=True)
        parser.add_argument("--video", action="append", default=[], metavar="NAME")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--wait", action="store_true")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.ANNOTATOR)
        made, job = image_set_start(
            project=project,
            name=options["name"],
            annotations=_annotations(project, options["video"]),
            params=CutParams.read(assignments(options["set"])),
            actor=self.actor,
        )
        if options["wait"]:
            wait_for_target(CUT_KIND, made.pk)
        classes = {f"{one.split}/{one.label}": one.count for one in class_counts(made)}
        self.answer(
            {"project": project.slug, "image_set": made.pk, "job": job.pk, "classes": classes}
        )


def _annotations(project: Project, names: list[str]) -> list[Annotation]:
    rows = list(annotations_of(project))
    for name in names:
        if not any(row.video.name == name for row in rows):
            raise NotFound(
                f"there is no annotated video {name!r} in {project.name}",
                hint="import it together with its XML",
            )
    return [row for row in rows if not names or row.video.name in names]
