"""``manage.py add_video``: bring in a clip with its masks and caption, by server path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Footage, Rights, footage_add
from datasets_app.services.sources.masks import mask_add
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand, require_paths
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Adds one file and waits until it is ready or what is wrong with it is known."""

    help = "Bring in a video (or a zip of numbered pictures, or a still) with masks and a caption."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, help="created when it does not exist")
        parser.add_argument("--name", default="", help="default: the file's name")
        parser.add_argument("--mask", type=Path, action="append", default=[], metavar="FILE")
        parser.add_argument("--caption", default="", metavar="TEXT", help="the short caption")
        parser.add_argument("--licence", default="", metavar="SPDX")
        parser.add_argument("--attribution", default="")
        parser.add_argument("--source-group", default="", help="videos of one scene share it")
        parser.add_argument("--fps", default="", help="rate of numbered pictures or uneven clips")
        parser.add_argument("--keep-duplicate", action="store_true")
        parser.add_argument("--link", action="store_true", help="reference the file, do not copy")

    def act(self, options: dict[str, Any]) -> None:
        require_paths([options["file"], *options["mask"]])
        project = self.project(options["project"], Role.ANNOTATOR, create=True)
        footage = footage_add(
            project=project,
            path=options["file"].resolve(),
            actor=self.actor,
            name=options["name"],
            rights=Rights(licence=options["licence"], attribution=options["attribution"]),
            link=options["link"],
            decisions=_decisions(options),
            source_group=options["source_group"],
        )
        wait_for_target("ingest_footage", footage.pk)
        footage.refresh_from_db()
        if options["caption"] and isinstance(footage, Video):
            caption_set(video=footage, length="short", text=options["caption"], actor=self.actor)
        masks = self._add_masks(footage, options)
        left_out = [str(path) for path in options["mask"][len(masks) :]]
        bad = [row for row in [footage, *masks] if row.state != "ready"]
        self.answer(
            {
                "project": project.slug,
                "kind": "video" if isinstance(footage, Video) else "asset",
                "id": footage.pk,
                "name": footage.name,
                "state": footage.state,
                "frames": footage.frames,
                "size": [footage.width, footage.height],
                "fps": [footage.fps_num, footage.fps_den],
                "error": footage.error,
                "hint": footage.hint,
                "findings": footage.findings,
                "masks": [_mask_facts(mask) for mask in masks],
                "masks_left_out": left_out,
            },
            code=Exit.FINDINGS if bad or left_out else Exit.OK,
        )

    def _add_masks(self, footage: Footage, options: dict[str, Any]) -> list[Mask]:
        """Attach every mask; none to a still, nor to a video that waits for a decision first."""
        if not isinstance(footage, Video) or footage.state != IngestState.READY:
            return []
        return [self._add_mask(footage, path, options["link"]) for path in options["mask"]]

    def _add_mask(self, video: Video, path: Path, link: bool) -> Mask:
        mask = mask_add(video=video, path=path.resolve(), actor=self.actor, link=link)
        wait_for_target("ingest_mask", mask.pk)
        mask.refresh_from_db()
        return mask


def _decisions(options: dict[str, Any]) -> dict[str, str]:
    decisions: dict[str, str] = {}
    if options["fps"]:
        decisions |= {"frame_rate": options["fps"], "variable_frame_rate": options["fps"]}
    if options["keep_duplicate"]:
        decisions["duplicate"] = "keep"
    return decisions


def _mask_facts(mask: Mask) -> dict[str, Any]:
    return {
        "id": mask.pk,
        "name": mask.name,
        "kind": mask.kind,
        "state": mask.state,
        "coverage": mask.coverage,
        "reading": mask.reading,
        "error": mask.error,
        "hint": mask.hint,
    }
