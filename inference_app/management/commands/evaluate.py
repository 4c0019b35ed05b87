"""``manage.py evaluate``: methods on sets whose alpha is known, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.services.learning.held_out_evaluation import SETS, evaluate_files
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Measures predictors and checkpoints on clips whose alpha is known."""

    help = "Measure matting methods on held-out painted clips, or on bundles in folders."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set", choices=sorted(SETS), help="of painted clips; test where nothing is named"
        )
        parser.add_argument(
            "--bundle",
            action="append",
            default=[],
            type=Path,
            metavar="FOLDER",
            help="a bundle as `pull` leaves it; its samples with an alpha are measured",
        )
        parser.add_argument("--split", default="test", help="of the bundles (default: test)")
        parser.add_argument(
            "--predictor", action="append", default=[], metavar="P", help="default: all that can"
        )
        parser.add_argument(
            "--checkpoint", action="append", default=[], type=Path, help="a file of `train`"
        )
        parser.add_argument("--clips", type=int, default=0, metavar="N", help="the first N only")
        parser.add_argument("--form", choices=["text", "csv", "latex"], default="text")
        parser.add_argument("--device", default="auto")
        parser.add_argument("--threads", type=int, default=1)

    def act(self, options: dict[str, Any]) -> None:
        chosen = options["set"] or ("" if options["bundle"] else "test")
        tables = evaluate_files(
            held=SETS[chosen] if chosen else None,
            bundles=options["bundle"],
            split=options["split"],
            predictors=options["predictor"],
            checkpoints=options["checkpoint"],
            clips=options["clips"],
            device=options["device"],
            threads=options["threads"],
            progress=lambda done, total: self.say(f"clip {done} of {total}"),
        )
        form = options["form"]
        heads = {"csv": "# {}\n", "latex": "% {}\n", "text": ""}
        text = "\n\n".join(
            heads[form].format(table.title) + getattr(table, f"as_{form}")() for table in tables
        )
        sets = [*filter(None, [chosen]), *map(str, options["bundle"])]
        self.answer({"sets": sets, "tables": [t.as_json() for t in tables]}, text)
