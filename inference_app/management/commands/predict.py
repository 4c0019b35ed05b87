"""``manage.py predict``: a predictor over a file, or over a video of this installation."""

from __future__ import annotations

import signal
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandParser

from inference_app.domain.clip_files import ClipFile, MaskFile
from inference_app.domain.predictors import PREDICTORS
from inference_app.selectors.stored_clips import stored_clip, stored_mask
from inference_app.services.runs.prediction_files import PredictionFiles, predict_files
from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.errors import BadInput

_SAID_EVERY = 5.0
"""Seconds between two lines that say how far it is."""


class Command(MatteCommand):
    """Reads a picture, a video or a folder and writes colour with alpha, or a depth.

    The database is opened only where a video is named by its number.
    """

    help = "Run a predictor over a picture, a video, a folder of pictures, or a video by number."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--predictor", required=True, help="see: manage.py plugins")
        parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="weights of `train`")
        parser.add_argument(
            "--input", type=Path, required=True, metavar="PATH", help="or the number of a video"
        )
        parser.add_argument(
            "--mask",
            type=Path,
            metavar="PATH",
            help="white is the object; of a video by number: the number of its mask",
        )
        parser.add_argument(
            "--output", type=Path, required=True, help="folder, .png, .mov, .webm or .mkv"
        )
        parser.add_argument("--height", type=int, default=0)
        parser.add_argument("--width", type=int, default=0)
        parser.add_argument("--device", default="auto")
        parser.add_argument("--threads", type=int, default=1)

    def act(self, options: dict[str, Any]) -> None:
        source, mask = _sources(options["input"], options["mask"], options["predictor"])
        self._said_at = monotonic()
        stopped: list[int] = []
        before = signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
        try:
            made = predict_files(
                PredictionFiles(
                    predictor=options["predictor"],
                    source=source,
                    output=options["output"],
                    mask=mask,
                    checkpoint=options["checkpoint"],
                    height=options["height"],
                    width=options["width"],
                    device=options["device"],
                    threads=options["threads"],
                ),
                progress=self._say_frame,
                should_stop=lambda: bool(stopped),
            )
        finally:
            signal.signal(signal.SIGINT, before)
        self.answer(made)

    def _say_frame(self, done: int, total: int | None) -> None:
        if monotonic() - self._said_at > _SAID_EVERY:
            self._said_at = monotonic()
            self.say(f"frame {done} of {total}")


def _sources(
    path: Path, mask: Path | None, predictor: str
) -> tuple[Path | ClipFile, Path | MaskFile | None]:
    """Return what the arguments name: files, or rows of the database by their numbers; of a video
    the mask that is named, or else its only one, where the predictor asks for one."""
    if path.exists() or not str(path).isdecimal():
        return path, mask
    database_ensure()
    if mask is not None and mask.exists():
        return stored_clip(int(str(path))), mask
    if mask is not None and not str(mask).isdecimal():
        raise BadInput(f"there is no mask {mask}", hint="a file, or the number of a mask")
    clip = stored_clip(int(str(path)))
    if mask is None and PREDICTORS[predictor].traits.hints_on == "none":
        return clip, None
    return clip, stored_mask(int(str(path)), int(str(mask)) if mask is not None else None)
