"""``manage.py evaluate_instances``: mattes of several objects, matched and measured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inference_app.domain.evaluation.instances import KINDS, InstanceQuality
from inference_app.services.learning.instance_evaluation import evaluate_instances
from matteweb.commands import MatteCommand


class Command(MatteCommand):
    """Prints IMQ, MQ and RQ of a folder of mattes."""

    help = (
        "Measure mattes of several objects per picture against true ones: IMQ and its parts. In "
        "both folders a picture is a folder of PNG files, one matte each; names of mattes are free."
    )
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("predicted", type=Path, metavar="PREDICTED")
        parser.add_argument("true", type=Path, metavar="TRUE")
        parser.add_argument(
            "--overlap",
            type=float,
            action="append",
            default=[],
            help="least overlap of a match; default: 0.5 and 0.75",
        )

    def act(self, options: dict[str, Any]) -> None:
        """Measure and print."""
        found = evaluate_instances(
            predicted=options["predicted"],
            true=options["true"],
            overlaps=options["overlap"] or [0.5, 0.75],
            told=self.say,
        )
        told = {str(overlap): asdict(quality) for overlap, quality in found.items()}
        lines = [line for overlap, quality in found.items() for line in _lines(overlap, quality)]
        self.answer({"overlaps": told}, "\n".join(lines))


def _lines(overlap: float, quality: InstanceQuality) -> list[str]:
    head = (
        f"overlap {overlap:g}: {quality.matched} matched, {quality.extra} extra, "
        f"{quality.missed} missed, RQ {_shown(quality.recognition)}"
    )
    rows = [
        f"  {kind:<5} IMQ {_shown(quality.both[kind])}  MQ {_shown(quality.matting[kind])}"
        for kind in KINDS
    ]
    return [head, *rows]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"
