"""Trainings by command, from painted clips and from bundles that lie on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from datasets_app.domain.progress import ShouldStop, ignore_progress
from inference_app.domain.training.held_out import VALIDATION
from inference_app.domain.training.memory import stepped_down
from inference_app.domain.training.plan import TrainingPlan
from inference_app.services.learning.training_folders import plan_of, training_run, weights_ship
from inference_app.services.learning.training_sources import (
    clips_of_folder,
    learned_from,
    licence_of,
    rows_of_folders,
    source_of,
    sources_digest,
)
from matteweb.errors import BadInput, OutOfMemory

SIZES = "sizes.json"
"""In a training's folder: the sizes that fitted into memory, and of which plan."""

VALIDATED_ON = VALIDATION
"""The set that chooses the best weights, the same for every training."""


def folder_train(
    *,
    values: dict[str, Any],
    painted: float,
    bundles: Sequence[tuple[Path, float]],
    folder: Path,
    device: str,
    threads: int,
    processes: int,
    should_stop: ShouldStop,
    report: Callable[[dict[str, float]], None],
    say: Callable[[str], None],
    ship: Path | None = None,
    figures: Any = None,
) -> dict[str, Any]:
    """Train in ``folder``, or go on there; ``ship``: write small weights and a card afterwards.

    ``painted`` and the numbers beside ``bundles``, folders as `pull` leaves them, say how often
    each is drawn. Where memory is short it goes on with smaller sizes, which the folder remembers,
    and says so; not under torchrun, where all processes would have to. Raises as `training_run`,
    and BadInput for a plan that learned from something else.
    """
    rows = rows_of_folders(painted, bundles)
    digest = sources_digest(rows) if bundles else ""
    if values.get("data") and values["data"] != digest:
        raise BadInput(
            "the plan learned from other clips than these",
            hint="name its bundles, with their shares, by --bundle; or say --set data=",
        )
    asked = plan_of(values | {"data": digest})

    def attempt(plan: TrainingPlan) -> dict[str, Any]:
        return training_run(
            plan=plan,
            folder=folder,
            device=device,
            threads=threads,
            processes=processes,
            progress=ignore_progress,
            should_stop=should_stop,
            report=report,
            source=source_of(rows, plan, lambda row: clips_of_folder(Path(row["folder"]))),
            held=VALIDATED_ON,
            lowered=plan != asked,
        )

    plan, done = _fitting(attempt, asked, folder, say)
    if ship and done["leads"]:  # of several processes one writes
        card = weights_ship(
            trained=Path(done["weights"]),
            target=ship,
            plan=plan,
            figures=figures or {},
            learned_from=learned_from(rows),
            licence=licence_of(rows),
        )
        done["card"] = str(card)
    return done


def _fitting(
    attempt: Callable[[TrainingPlan], dict[str, Any]],
    asked: TrainingPlan,
    folder: Path,
    say: Callable[[str], None],
) -> tuple[TrainingPlan, dict[str, Any]]:
    """Train by the first plan that fits into memory, from ``asked`` down; return both."""
    plan = _lowered(folder, asked)
    while True:
        try:
            return plan, attempt(plan)
        except OutOfMemory as error:
            less = None if _in_company() else stepped_down(plan)
            if less is None:
                raise
            plan, words = less
            _remember(folder, asked, plan)
            say(f"{error.message}: {words}")


def _in_company() -> bool:
    from inference_app.domain.training.crew import in_company

    return in_company()


def _lowered(folder: Path, asked: TrainingPlan) -> TrainingPlan:
    """Return ``asked`` with the sizes that fitted into memory, where it once ran out of it."""
    path = folder / SIZES
    if not path.exists():
        return asked
    told = json.loads(path.read_text())
    if told["asked"] != asked.digest():
        return asked
    return plan_of(asked.model_dump(mode="json") | told["sizes"])


def _remember(folder: Path, asked: TrainingPlan, plan: TrainingPlan) -> None:
    sizes = {name: getattr(plan, name).model_dump(mode="json") for name in ("main", "last")}
    draft = folder / f"{SIZES}.part"
    draft.write_text(json.dumps({"asked": asked.digest(), "sizes": sizes}, indent=1) + "\n")
    draft.replace(folder / SIZES)
