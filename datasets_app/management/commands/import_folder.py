"""``manage.py import_folder``: bring in a whole tree, by server path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.models import Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees.imports import IMPORT_JOB, folder_import_start, rows_unready
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand, require_paths
from matteweb.jobs.models import Job
from matteweb.jobs.runner import wait_for
from matteweb.jobs.states import LIVE
from matteweb.jobs.waiting import require_done


class Command(MatteCommand):
    """Exit code 6 when something had no partner or could not be used; all else is in."""

    help = (
        "Bring in a tree: videos/ and masks/ with a caption list become footage, "
        "a train-casper tree becomes samples to review. A second run adds only what is missing."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--project", required=True, help="created when it does not exist")
        parser.add_argument("--licence", default="", metavar="SPDX", help="of everything in it")
        parser.add_argument("--attribution", default="")
        parser.add_argument("--fps", default="", help="rate of numbered pictures or uneven clips")
        parser.add_argument("--link", action="store_true", help="reference videos, do not copy")

    def act(self, options: dict[str, Any]) -> None:
        require_paths([options["folder"]])
        project = self.project(options["project"], Role.ANNOTATOR, create=True)
        job = folder_import_start(
            project=project,
            folder=options["folder"],
            actor=self.actor,
            rights=Rights(licence=options["licence"], attribution=options["attribution"]),
            link=options["link"],
            fps=options["fps"],
        )
        self.say(f"Importing {options['folder']} as {IMPORT_JOB} job {job.pk}.")
        job = wait_for(job.pk)
        require_done(job)
        report: dict[str, Any] = job.checkpoint["report"]
        for kind, ids in (("ingest_footage", "videos"), ("ingest_mask", "masks")):
            reading = Job.objects.filter(kind=kind, target_id__in=report[ids], state__in=LIVE)
            for pk in reading.order_by("pk").values_list("pk", flat=True):
                wait_for(pk)
        unready = [_unready(row) for row in rows_unready(report)]
        wrong = unready or [one for one in report["findings"] if one["severity"] != "note"]
        self.answer(
            {"project": project.slug, "job": job.pk, **report, "unready": unready},
            _text(report, unready),
            code=Exit.FINDINGS if wrong else Exit.OK,
        )


def _unready(row: Video | Mask) -> dict[str, Any]:
    """Return what a video or mask lacks; one that waits for an answer says to which question."""
    facts = {"kind": type(row).__name__.lower(), "id": row.pk, "name": row.name}
    error, hint = row.error, row.hint
    if isinstance(row, Video) and row.state == IngestState.NEEDS_DECISION:
        asked = [one for one in row.findings if one["choices"]]
        open_ones = [one for one in asked if one["code"] not in row.decisions]
        if open_ones:
            error, hint = open_ones[0]["message"], open_ones[0]["hint"]
    return facts | {"state": row.state, "error": error, "hint": hint}


def _text(report: dict[str, Any], unready: list[dict[str, Any]]) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in report["added"].items())
    lines = [f"added: {counts}"]
    for one in report["findings"]:
        hint = f" ({one['hint']})" if one["hint"] else ""
        lines.append(f"{one['severity']}: {one['message']}{hint}")
    for row in unready:
        hint = f" ({row['hint']})" if row["hint"] else ""
        state = IngestState(row["state"]).label.lower()
        lines.append(f"{row['kind']} {row['name']}, {state}: {row['error']}{hint}")
    return "\n".join(lines)
