"""``manage.py combine_masks``: a mask made of masks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.selectors.footage import video_named
from inference_app.domain.mask_tracks import COMBININGS
from inference_app.selectors.mask_tracks import COMBINE_KIND, tracks_named
from inference_app.services.masks.mask_tracks import Combination, masks_combine
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Queues a job; with --wait, stays until the mask can be used."""

    help = "Make a mask of masks of one video: union, minus, common part, or numbers by priority."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("video", help="name or number of the video")
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--mask", action="append", required=True, metavar="NAME", help="in this order"
        )
        parser.add_argument("--name", required=True, help="of the new mask")
        parser.add_argument("--how", choices=COMBININGS, default="union")
        parser.add_argument("--grow", type=int, default=0, metavar="PX", help="negative: shrink")
        parser.add_argument("--hard", action="store_true", help="cut soft masks at the middle")
        parser.add_argument("--wait", action="store_true")

    def act(self, options: dict[str, Any]) -> None:
        video = video_named(self.project(options["project"], Role.ANNOTATOR), options["video"])
        masks = tracks_named(video, options["mask"])
        keys = ("name", "how", "grow", "hard")
        wish = Combination(**{key: options[key] for key in keys if options[key] is not None})
        job = masks_combine(video=video, masks=masks, wish=wish, actor=self.actor)
        name = job.params["name"]
        if options["wait"]:
            wait_for_target(COMBINE_KIND, video.pk)
            wait_for_target("ingest_mask", video.masks.get(name=name).pk)
        self.answer({"job": job.pk, "mask": name})
