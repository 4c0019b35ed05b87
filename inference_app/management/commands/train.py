"""``manage.py train``: weights from a plan."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.progress import ShouldStop
from inference_app.domain.training.presets import PRESETS, preset_values
from inference_app.services.learning.folder_training import folder_train
from inference_app.services.learning.fusion import fusion_train
from inference_app.services.learning.keys import key_train
from matteweb.commands import MatteCommand
from matteweb.errors import BadInput

_NOTHING_SAID: dict[str, Any] = {"processes": 0, "bundle": []}


class Command(MatteCommand):
    """Trains in a folder, or goes on where it left off; Ctrl-C keeps everything.

    Several processes: ``torchrun --nproc-per-node N manage.py train ...``.
    """

    help = (
        "Train a matting network of ours on painted clips and bundles in folders, a fusion "
        "network on what `make_fusion_data` made, or the propagation key on painted clips; run it "
        "again to go on."
    )
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        kinds = ("matting", "fusion", "key")
        parser.add_argument("what", nargs="?", choices=kinds, default="matting")
        parser.add_argument("--stage", type=int, choices=(0, 1), help="of fusion; 1 after 0")
        parser.add_argument("--init", type=Path, metavar="FILE", help="weights of stage 0")
        parser.add_argument(
            "--data", type=Path, metavar="FOLDER", help="cases to learn fusion from"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
        parser.add_argument(
            "--plan", type=Path, metavar="FILE", help="JSON: a plan, or the card of shipped weights"
        )
        parser.add_argument("--preset", choices=sorted(PRESETS), help="what a plan starts from")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument(
            "--bundle",
            action="append",
            default=[],
            metavar="FOLDER[=SHARE]",
            help="a bundle as `pull` leaves it, its split train; several may be named",
        )
        parser.add_argument(
            "--painted", type=float, metavar="SHARE", help="of painted clips (default 1; 0: none)"
        )
        parser.add_argument("--device", default="auto")
        parser.add_argument("--threads", type=int, default=1)
        parser.add_argument("--processes", type=int, default=0, help="that make batches; 0: here")
        parser.add_argument("--ship", type=Path, metavar="FILE", help="write small weights, a card")
        parser.add_argument("--figures", type=Path, metavar="FILE", help="for the card")

    def act(self, options: dict[str, Any]) -> None:
        values = _values(options["plan"]) | dict(map(_assignment, options["set"]))
        if options["what"] == "fusion":
            self._fusion(values, options)
            return
        if options["what"] == "key":
            self._key(values, options)
            return
        _require_none(options, "stage", "init", "data")
        preset = preset_values(options["preset"]) if options["preset"] else {}
        figures = json.loads(options["figures"].read_text()) if options["figures"] else {}
        self._learn(
            folder_train,
            options,
            values=preset | values,
            painted=1.0 if options["painted"] is None else options["painted"],
            bundles=[_shared(text) for text in options["bundle"]],
            processes=options["processes"],
            say=self.say,
            ship=options["ship"],
            figures=figures,
        )

    def _fusion(self, values: dict[str, Any], options: dict[str, Any]) -> None:
        _require_none(options, "ship", "figures", "processes", "preset", "bundle", "painted")
        if options["data"] is None:
            raise BadInput("there is nothing to learn from", hint="name it: --data FOLDER")
        stage = {} if options["stage"] is None else {"stage": options["stage"]}
        self._learn(
            fusion_train, options, values=values | stage, data=options["data"], init=options["init"]
        )

    def _key(self, values: dict[str, Any], options: dict[str, Any]) -> None:
        without = ("ship", "figures", "processes", "preset", "bundle", "painted")
        _require_none(options, "stage", "init", "data", *without)
        self._learn(key_train, options, values=values)

    def _learn(
        self, train: Callable[..., dict[str, Any]], options: dict[str, Any], **own: Any
    ) -> None:
        with _until_interrupted() as should_stop:
            done = train(
                folder=options["out"],
                device=options["device"],
                threads=options["threads"],
                should_stop=should_stop,
                report=self._say_entry,
                **own,
            )
        if done.pop("leads"):
            self.answer(done)  # of several processes one answers

    def _say_entry(self, entry: dict[str, float]) -> None:
        self.say("  ".join(f"{name} {value:.4g}" for name, value in entry.items()))


@contextmanager
def _until_interrupted() -> Iterator[ShouldStop]:
    """Yield whether somebody pressed Ctrl-C meanwhile, which then ends nothing by itself."""
    stopped: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
    try:
        yield lambda: bool(stopped)
    finally:
        signal.signal(signal.SIGINT, before)


def _require_none(options: dict[str, Any], *names: str) -> None:
    for name in names:
        if options[name] is not None and options[name] != _NOTHING_SAID.get(name):
            raise BadInput(f"--{name} has no meaning for {options['what']}")


def _values(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        read: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is not a plan: {error}") from error
    plan: dict[str, Any] = read.get("plan", read)
    return plan


def _assignment(text: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign:
        raise BadInput(f"--set {text} has no =", hint="write it as steps=2000")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _shared(text: str) -> tuple[Path, float]:
    """Read a folder with its share, 1 where none is said."""
    folder, sign, share = text.rpartition("=")
    if not sign:
        return Path(text), 1.0
    try:
        return Path(folder), float(share)
    except ValueError:
        return Path(text), 1.0
