"""``manage.py make_fusion_data``: what the engine makes between true masks, to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.services.learning.fusion import fusion_data_make
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Makes cases; run it again to go on after the last finished clip."""

    help = "Carry masks between every k-th true mask of clips and keep what comes out."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("out", type=Path, help="folder for the cases")
        parser.add_argument("--folder", type=Path, help="clips with masks, DAVIS or another layout")
        parser.add_argument("--clip", action="append", default=[], help="only this one")
        parser.add_argument("--painted", type=int, default=0, help="clips that are painted")
        parser.add_argument("--every", type=int, default=20, help="frames between true masks")
        parser.add_argument("--flow", type=Path, help="folder that keeps the motion of the clips")

    def act(self, options: dict[str, Any]) -> None:
        """Make them and say how many."""
        done = fusion_data_make(
            target=options["out"],
            folder=options["folder"],
            clips=options["clip"],
            painted=options["painted"],
            every=options["every"],
            flow_folder=options["flow"],
            progress=lambda clip, total: self.say(f"clip {clip} of {total} is done"),
        )
        self.answer(done)
