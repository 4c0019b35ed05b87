"""``manage.py make_guidance``: guidance masks of a segmenter for finished samples."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import GuidanceSet, Sample
from datasets_app.models.sample import SampleState
from inference_app.domain.segmenters import SEGMENTERS
from inference_app.selectors.guidance import GUIDE_KIND
from inference_app.services.masks.guidance_sets import guidance_start
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """With --wait, stays until all are made, working itself when no worker does."""

    help = "Segment finished samples and match the masks to the people in them, one to one."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--segmenter", required=True, choices=[one.info.slug for one in SEGMENTERS]
        )
        parser.add_argument("--run", type=int, metavar="N", help="all finished samples of this run")
        parser.add_argument("--sample", type=int, action="append", default=[], metavar="ID")
        parser.add_argument("--wait", action="store_true")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.LEAD)
        rows = Sample.objects.filter(project=project, archived_at=None, state=SampleState.READY)
        if options["run"] is not None:
            rows = rows.filter(run=options["run"])
        if options["sample"] or options["run"] is None:
            rows = rows.filter(pk__in=options["sample"])
        samples = list(rows)
        jobs = guidance_start(
            project=project, samples=samples, segmenter=options["segmenter"], actor=self.actor
        )
        if options["wait"]:
            for job in jobs:
                wait_for_target(GUIDE_KIND, job.target_id or 0)
        made = GuidanceSet.objects.filter(sample__in=samples, maker=options["segmenter"])
        self.answer(
            {
                "project": project.slug,
                "segmenter": options["segmenter"],
                "jobs": [job.pk for job in jobs],
                "made": [{"sample": one.sample_id, "report": one.report} for one in made],
            }
        )
