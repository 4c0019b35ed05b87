"""``manage.py train_defects``: a good-or-defect model from good pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.services.learning.defects import defects_train
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Learns from <class>/train/good/ of a set in the MVTec AD layout."""

    help = "Learn how the good pictures of a class look; needs no picture of a defect."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("folder", type=Path, help="the set: <class>/train/good/, <class>/test/")
        parser.add_argument("--class", dest="name", required=True, metavar="CLASS")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
        parser.add_argument("--steps", type=int, default=400)
        parser.add_argument("--hidden", type=int, default=64, help="lower it when memory is short")
        parser.add_argument("--batch", type=int, default=1024, help="lower it when memory is short")
        parser.add_argument("--seed", type=int, default=1)

    def act(self, options: dict[str, Any]) -> None:
        """Train and answer with what was learned from."""
        names = ("steps", "hidden", "batch", "seed")
        done = defects_train(
            folder=options["folder"],
            name=options["name"],
            target=options["out"],
            values={name: options[name] for name in names},
        )
        self.answer(done)
