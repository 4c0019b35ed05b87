"""``manage.py score_defects``: good or defect, with a heat map of each picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.services.learning.defects import defects_score
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Scores <class>/test/ of a set in the MVTec AD layout."""

    help = "Score the test pictures of a class by a model of `train_defects`."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "folder", type=Path, help="the set: <class>/test/good/, <class>/test/…/"
        )
        parser.add_argument("--class", dest="name", required=True, metavar="CLASS")
        parser.add_argument("--model", type=Path, required=True, metavar="FILE.safetensors")
        parser.add_argument("--heat", type=Path, metavar="FOLDER", help="pictures with their heat")
        parser.add_argument(
            "--rate", type=float, default=0.85, help="of true positives, for the threshold"
        )

    def act(self, options: dict[str, Any]) -> None:
        """Score and answer with the area under the curve, the threshold and every score."""
        found = defects_score(
            folder=options["folder"],
            name=options["name"],
            model=options["model"],
            heat=options["heat"],
            rate=options["rate"],
        )
        area = found["auroc"]
        told = "undefined: one kind alone" if area is None else f"{area:.4f}"
        self.answer(found, f"AUROC {told}; {len(found['pictures'])} pictures")
