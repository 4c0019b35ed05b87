"""``manage.py export_mask``: masks of a video in the form that another tool reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.selectors.footage import video_named
from datasets_app.services.sources.mask_files import FORMS, masks_export, masks_of_objects
from inference_app.domain.mask_tracks import READINGS, reading_of
from inference_app.selectors.mask_tracks import tracks_named
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.errors import BadInput


class Command(MatteCommand):
    """Writes a folder, or one JSON file; never over what is there."""

    help = "Write masks of a video as PNG, palette PNG, COCO JSON or lossless video."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("video", help="name or number of the video")
        parser.add_argument("out", type=Path, help="a new folder, or the JSON file")
        parser.add_argument("--project", required=True)
        parser.add_argument("--form", choices=FORMS, default="palette")
        parser.add_argument(
            "--mask", action="append", default=[], metavar="NAME", help="default: all objects"
        )
        parser.add_argument("--reading", choices=READINGS, help="instead of the masks themselves")
        parser.add_argument("--radius", type=int, default=8, metavar="PX", help="of a reading")

    def act(self, options: dict[str, Any]) -> None:
        video = video_named(self.project(options["project"], Role.VIEWER), options["video"])
        named = options["mask"]
        masks = tracks_named(video, named) if named else masks_of_objects(video)
        reading, form = options["reading"], options["form"]
        if reading and form not in ("png", "video"):
            raise BadInput(f"{form} cannot hold a {reading}", hint="--form png or video")
        out = options["out"].resolve()
        files = masks_export(
            video=video,
            masks=masks,
            form=form,
            target=out,
            change=reading_of(reading, options["radius"]) if reading else None,
        )
        names = [mask.name for mask in masks]
        self.answer({"video": video.name, "masks": names, "files": files, "out": str(out)})
