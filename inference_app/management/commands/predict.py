"""``manage.py predict``: a matting predictor over a file."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.services.runs.prediction_files import PredictionFiles, predict_files
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Reads a picture, a video or a folder and writes colour with alpha."""

    help = "Run a matting predictor over a picture, a video or a folder of pictures."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--predictor", required=True, help="see: manage.py plugins")
        parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="weights of `train`")
        parser.add_argument("--input", type=Path, required=True, metavar="PATH")
        parser.add_argument("--mask", type=Path, metavar="PATH", help="white is the object")
        parser.add_argument(
            "--output", type=Path, required=True, help="folder, .png, .mov, .webm or .mkv"
        )
        parser.add_argument("--height", type=int, default=0)
        parser.add_argument("--width", type=int, default=0)
        parser.add_argument("--device", default="auto")
        parser.add_argument("--threads", type=int, default=1)

    def act(self, options: dict[str, Any]) -> None:
        stopped: list[int] = []
        before = signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
        try:
            made = predict_files(
                PredictionFiles(
                    predictor=options["predictor"],
                    source=options["input"],
                    output=options["output"],
                    mask=options["mask"],
                    checkpoint=options["checkpoint"],
                    height=options["height"],
                    width=options["width"],
                    device=options["device"],
                    threads=options["threads"],
                ),
                progress=lambda done, total: None,
                should_stop=lambda: bool(stopped),
            )
        finally:
            signal.signal(signal.SIGINT, before)
        self.answer(made)
