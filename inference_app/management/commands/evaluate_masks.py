"""``manage.py evaluate_masks``: engines for masks side by side, as tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.domain.evaluation.mask_protocols import PROTOCOLS, known_engines, ready_engines
from inference_app.services.masks.mask_evaluation import Line, evaluate_masks, table_of
from matteweb.commands import MatteCommand
from matteweb.errors import BadInput


class Command(MatteCommand):
    """Measures engines on clips whose masks are known."""

    help = (
        "Measure engines for masks by hand on a folder of clips with masks (DAVIS or another "
        "layout, or one folder per clip with input_video.mp4, mask_00.mp4, ...), beside flow "
        "warping and GrabCut."
    )
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--protocol", action="append", choices=sorted(PROTOCOLS))
        parser.add_argument("--engine", action="append", choices=sorted(known_engines()))
        parser.add_argument("--clip", action="append", default=[], help="only this one")
        parser.add_argument(
            "--fusion",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="a fusion network of `train fusion`: prints the rows of the ablation, this last",
        )
        parser.add_argument(
            "--key",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="keys of `train key`: a row of the ablation, matched by them",
        )
        parser.add_argument("--flow", type=Path, help="folder that keeps the motion of the clips")

    def act(self, options: dict[str, Any]) -> None:
        """Measure and print."""
        names = options["protocol"] or list(PROTOCOLS)
        if options["engine"] and (options["fusion"] or options["key"]):
            raise BadInput(
                "--engine has no meaning beside networks of the ablation, which names its own rows",
                hint="leave it out, or measure twice",
            )
        lines = evaluate_masks(
            folder=options["folder"],
            names=names,
            engines=options["engine"] or ready_engines(),
            clips=options["clip"],
            flow_folder=options["flow"],
            fusions=options["fusion"],
            keys=options["key"],
            told=self._told,
        )
        there = [name for name in names if any(line.protocol == name for line in lines)]
        tables = "\n\n".join(table_of(lines, name) for name in there)
        self.answer({"lines": [asdict(line) for line in lines]}, tables)

    def _told(self, line: Line) -> None:
        figures = " ".join(f"{figure:.3f}" for figure in line.figures)
        self.say(f"{line.protocol} {line.engine} {line.clip}: {figures}")
