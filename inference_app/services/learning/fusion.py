"""Fusion of masks, learned: what the engine makes between true masks, and networks from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import SourceClip
from inference_app.domain.device import device_named
from inference_app.domain.evaluation.sequences import clips_in, clips_named, sequence_of
from inference_app.domain.training.fusion_cases import (
    PaintedClips,
    Unopened,
    facts_of,
    fusion_set_make,
    read_fusion_set,
)
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.held_out import TRAINING_BANK
from inference_app.services.learning.plans import plan_from
from matteweb.errors import BadInput


def fusion_data_make(
    *,
    target: Path,
    folder: Path | None = None,
    clips: Sequence[str] = (),
    painted: int = 0,
    stored: Sequence[SourceClip] = (),
    every: int = 20,
    flow_folder: Path | None = None,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Carry masks between every ``every``-th true one and keep the results in ``target``.

    Clips: those of ``folder`` (of these only ``clips``, if any are named), ``painted`` ones and
    ``stored`` ones. What lies in ``target``, made in the same way, is not made again. Raises
    BadInput without any clip, for a name of none or of two, Cancelled.
    """
    if every < 2:
        raise BadInput(f"every {every} frames leaves none between", hint="2 or more")
    known = [*stored, *([] if folder is None else clips_named(clips_in(folder), clips))]
    found: list[Unopened] = [(one.name, partial(sequence_of, one)) for one in known]
    found += PaintedClips(painted, TRAINING_BANK, frames=every + 1)
    if not found:
        raise BadInput("there is nothing to make cases from", hint="name a folder, or paint clips")
    made = fusion_set_make(
        found, target, every=every, flow_folder=flow_folder, progress=progress,
        should_stop=should_stop,
    )  # fmt: skip
    return {**facts_of(made), "folder": str(target)}


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

    Raises BadInput for a plan that cannot be or a folder of another plan, Cancelled with everything
    kept, OutOfMemory.
    """
    found = read_fusion_set(data)
    known = {"data": found.digest, "init": "" if init is None else _digest(init)}
    plan = plan_from(FusionPlan, values | known)
    from inference_app.domain.training.fusion_loop import train_fusion

    done = train_fusion(
        plan, found, folder, init=init, device=device_named(device, threads=threads),
        progress=progress, should_stop=should_stop, report=report,
    )  # fmt: skip
    return done.answer()


def _digest(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint="train stage 0 first")
    return hashlib.sha256(path.read_bytes()).hexdigest()
