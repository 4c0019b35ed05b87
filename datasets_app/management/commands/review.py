"""``manage.py review``: accept samples without looking; recorded as such."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Sample
from datasets_app.selectors.samples import pending_of_latest_run, review_queue, run_of, sample_of
from datasets_app.services.desk.review import samples_accept
from matteweb.accounts.models import Project, Role
from matteweb.commands import MatteCommand
from matteweb.errors import BadInput


class Command(MatteCommand):
    """Each verdict records the actor and that it came by command."""

    help = "Accept all pending samples of the latest run (or of --run), or the ones named by id."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument("--accept", nargs="+", required=True, metavar="all|ID")
        parser.add_argument("--run", type=int, metavar="RUN")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.REVIEWER)
        samples = _chosen(project, options["accept"], options["run"])
        accepted = samples_accept(samples=samples, actor=self.actor)
        left = review_queue(project).count()
        self.answer({"project": project.slug, "accepted": accepted, "pending": left})


def _chosen(project: Project, words: list[str], run_id: int | None) -> list[Sample]:
    if words == ["all"]:
        if run_id is None:
            return list(pending_of_latest_run(project))
        return list(review_queue(project, run_id=run_of(project, run_id).pk))
    if run_id is not None:
        raise BadInput("--run belongs to --accept all; ids name their samples themselves")
    if not all(word.isdecimal() for word in words):
        raise BadInput(f"--accept takes all, or ids, not {' '.join(words)}")
    return [sample_of(project, int(word)) for word in words]
