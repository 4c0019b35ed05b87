"""Trainings in a folder, without a project: from a plan to weights, and to a card that ships with
them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.device import device_named
from inference_app.domain.training.batches import ClipSource, Painted
from inference_app.domain.training.held_out import VALIDATION, HeldOut
from inference_app.domain.training.plan import TrainingPlan
from inference_app.services.learning.plans import plan_from
from inference_app.services.learning.training_sources import PAINTED_ALONE


def plan_of(values: dict[str, Any]) -> TrainingPlan:
    """Return the plan of plain values. Raises BadInput, naming the value at fault."""
    return plan_from(TrainingPlan, values)


def training_run(
    *,
    plan: TrainingPlan,
    folder: Path,
    device: str,
    threads: int,
    processes: int,
    progress: Progress,
    should_stop: ShouldStop,
    report: Callable[[dict[str, float]], None],
    source: ClipSource | None = None,
    held: HeldOut = VALIDATION,
    lowered: bool = False,
) -> dict[str, Any]:
    """Train in ``folder``, or go on there; return where the best weights lie and their figure.

    Without ``source`` it learns from painted clips.

    Raises Cancelled when stopped, BadInput when the folder belongs to another plan, OutOfMemory.
    ``lowered``: the plan is that of the folder with smaller sizes.
    """
    from inference_app.domain.training.loop import train

    place = device_named(device, threads=threads)
    place = type(place)(place.kind, place.index, plan.dtype, place.threads)
    outcome = train(
        plan,
        source or Painted(plan.sprites, plan.textures),
        folder,
        device=place,
        processes=processes,
        progress=progress,
        should_stop=should_stop,
        report=report,
        held=held,
        lowered=lowered,
    )
    return {
        "steps": outcome.step,
        "best_band_mad": outcome.best,
        "best_step": outcome.best_step,
        "weights": str(outcome.best_path),
        "leads": outcome.leads,
    }


def weights_ship(
    *,
    trained: Path,
    target: Path,
    plan: TrainingPlan,
    figures: Any,
    learned_from: str = PAINTED_ALONE,
    licence: str = "Apache-2.0",
) -> Path:
    """Write the best weights of a training as 16-bit numbers to ``target``, with a card beside.

    The card says what they learned from, by which plan, how they did, and where they fail.
    ``licence`` is that of the weights: the strictest of what they learned from.
    """
    from inference_app.domain.networks.saved_network import load_network, save_network
    from inference_app.domain.networks.tensor_file import read_tensors

    tensors, facts = read_tensors(trained)
    net = load_network(trained)
    kept = {str(key): facts[key] for key in ("step", "plan") if key in facts}
    save_network(target, net, tensors, kept, half=True)
    card = {
        "network": net.name,
        "parameters": sum(tensor.numel() for tensor in tensors.values()),
        "bytes": target.stat().st_size,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "licence": licence,
        "learned_from": learned_from,
        "plan": plan.model_dump(mode="json"),
        "best_step": int(facts["step"]),
        "figures": figures,
    }
    path = target.with_suffix(".json")
    path.write_text(json.dumps(card, indent=1) + "\n")
    return path
