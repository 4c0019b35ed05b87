"""The predictors as a page shows them: what each is, and what it lacks here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import RUNNABLE, Predictor, WeightFile
from inference_app.domain.predictors.weights import place_of, why_not


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One file of weights; ``present``: something lies where it belongs, ``folder`` is where."""

    file: WeightFile
    folder: Path
    present: bool


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One predictor. ``package``: why its code cannot run, or "". ``runs``: the page offers it."""

    predictor: Predictor
    weights: tuple[WeightRow, ...]
    package: str
    runs: bool

    @property
    def missing(self) -> tuple[WeightRow, ...]:
        """The files that are not where they belong."""
        return tuple(row for row in self.weights if not row.present)

    @property
    def why_not(self) -> str:
        """Say why it cannot run here, "" when it can."""
        return why_not(self.predictor, settings.WEIGHTS_DIR)


def model_cards() -> list[ModelCard]:
    """Return a card for every predictor, in the order of the list."""
    return [_card(predictor) for predictor in PREDICTORS]


def runnable_cards() -> list[ModelCard]:
    """Return the cards of what can be run over a video here."""
    return [card for card in model_cards() if card.runs]


def maskless_labels() -> list[str]:
    """Return the names of what can be run here without a mask."""
    cards = (card.predictor for card in runnable_cards())
    return [one.info.label for one in cards if one.traits.hints_on == "none"]


def _card(predictor: Predictor) -> ModelCard:
    rows = tuple(_row(weight) for weight in predictor.weights)
    package = predictor.unavailable()
    can = not package and all(row.present for row in rows)
    return ModelCard(predictor, rows, package, can and predictor.traits.task in RUNNABLE)


def _row(weight: WeightFile) -> WeightRow:
    place = place_of(weight, settings.WEIGHTS_DIR)
    return WeightRow(weight, place.parent, place.is_file())
