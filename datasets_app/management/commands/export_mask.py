"""``manage.py export_mask``: masks of a video in the form that another tool reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Mask, Video
from datasets_app.selectors.footage import video_named
from datasets_app.services.mask_files import FORMS, masks_export, masks_of_objects
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.errors import NotFound


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

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.VIEWER)
        video = video_named(project, options["video"])
        masks = _masks(video, options["mask"]) if options["mask"] else masks_of_objects(video)
        out = options["out"].resolve()
        files = masks_export(video=video, masks=masks, form=options["form"], target=out)
        names = [mask.name for mask in masks]
        self.answer({"video": video.name, "masks": names, "files": files, "out": str(out)})


def _masks(video: Video, names: list[str]) -> list[Mask]:
    by_name = {mask.name: mask for mask in video.masks.filter(archived_at=None)}
    missing = [name for name in names if name not in by_name]
    if missing:
        raise NotFound(f"video {video.name} has no mask {missing[0]!r}")
    return [by_name[name] for name in names]
