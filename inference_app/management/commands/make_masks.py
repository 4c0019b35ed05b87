"""``manage.py make_masks``: masks without a hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Mask
from datasets_app.selectors.footage import video_named
from inference_app.domain.automatic import MAKERS
from inference_app.selectors.automatic_masks import MAKE_KIND, mask_name, maskable_videos
from inference_app.services.masks.automatic_masks import make_start
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand, assignments
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Queues a job per video; with --wait, stays until the masks can be used."""

    help = "Make masks of what stands before a screen, of what moves, or of people."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--maker", required=True, choices=sorted(maker.info.slug for maker in MAKERS)
        )
        parser.add_argument(
            "--video", action="append", default=[], metavar="NAME", help="default: all that can be"
        )
        parser.add_argument("--per-object", action="store_true", help="a number for each object")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--wait", action="store_true")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.ANNOTATOR)
        named = [video_named(project, given) for given in options["video"]]
        maker = MAKERS[options["maker"]]
        jobs = make_start(
            project=project,
            videos=named or maskable_videos(project),
            maker_slug=maker.info.slug,
            params=assignments(options["set"]),
            per_object=options["per_object"],
            actor=self.actor,
        )
        names = [mask_name(maker.info.label, job.pk) for job in jobs]
        if options["wait"]:
            for job, name in zip(jobs, names, strict=True):
                wait_for_target(MAKE_KIND, job.target_id or 0)
                wait_for_target("ingest_mask", Mask.objects.get(name=name, video=job.target_id).pk)
        self.answer({"jobs": [job.pk for job in jobs], "masks": names})
