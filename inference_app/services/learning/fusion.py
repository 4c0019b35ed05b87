"""Fusion of masks, learned: what the engine makes between true masks, and networks from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from inference_app.domain.device import device_named
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import sequences_in
from inference_app.domain.training.fusion_cases import (
    PaintedClips,
    facts_of,
    fusion_set_make,
    read_fusion_set,
)
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.held_out import TRAINING_BANK
from matteweb.errors import BadInput


def fusion_data_make(
    *,
    target: Path,
    folder: Path | None = None,
    clips: tuple[str, ...] = (),
    painted: int = 0,
    stored: Iterator[Clip] | None = None,
    every: int = 20,
    flow_folder: Path | None = None,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Carry masks between every ``every``-th true one and keep the results in ``target``.

    Clips: those of ``folder`` (of these only ``clips``, if any are named), ``painted`` ones and
    ``stored`` ones. What lies in ``target`` is not made again. Raises BadInput without any clip,
    Cancelled.
    """
    if every < 2:
        raise BadInput(f"every {every} frames leaves none between", hint="2 or more")
    found: list[Iterator[Clip]] = []
    if folder is not None:
        found.append(one for one in sequences_in(folder) if not clips or one.name in clips)
    if painted:
        found.append(iter(PaintedClips(painted, TRAINING_BANK, frames=every + 1)))
    if stored is not None:
        found.append(stored)
    if not found:
        raise BadInput("there is nothing to make cases from", hint="name a folder, or paint clips")
    made = fusion_set_make(
        chain.from_iterable(found), target, every=every, flow_folder=flow_folder,
        progress=progress, should_stop=should_stop,
    )  # fmt: skip
    return {**facts_of(made), "folder": str(target)}


def fusion_plan_of(values: dict[str, Any]) -> FusionPlan:
    """Return the plan of plain values. Raises BadInput, naming the value at fault."""
    try:
        return FusionPlan.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the plan"
        raise BadInput(f"{place}: {first['msg']}") from error


def fusion_train(
    *,
    values: dict[str, Any],
    data: Path,
    folder: Path,
    init: Path | None,
    device: str = "auto",
    threads: int = 1,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    report: Callable[[dict[str, float]], None] = lambda entry: None,
) -> dict[str, Any]:
    """Train in ``folder`` on the cases in ``data``, or go on there; ``init``: the stage before.

    Raises BadInput for a plan that cannot be, stage 1 without ``init``, or a folder of another
    plan; Cancelled with everything kept.
    """
    found = read_fusion_set(data)
    plan = fusion_plan_of(
        values | {"data": found.digest, "init": "" if init is None else _digest(init)}
    )
    if plan.stage == 1 and init is None:
        raise BadInput(
            "stage 1 begins with the weights of stage 0", hint="name them: --init CHECKPOINT"
        )
    from inference_app.domain.training.fusion_loop import train_fusion

    done = train_fusion(
        plan, found, folder, init=init, device=device_named(device, threads=threads),
        progress=progress, should_stop=should_stop, report=report,
    )  # fmt: skip
    return {
        "steps": done.step,
        "loss": done.loss,
        "weights": str(done.path),
        "leads": done.leads,
        "plan": plan.model_dump(mode="json"),
    }


def _digest(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint="train stage 0 first")
    return hashlib.sha256(path.read_bytes()).hexdigest()
