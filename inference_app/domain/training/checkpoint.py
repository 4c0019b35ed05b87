"""A training on disk: one safetensors file that holds everything the next step depends on.

Tensors are named ``net/…``, ``ema/…``, ``first/…``, ``second/…`` (the optimiser's moments) and
``rng``; the metadata hold the plan, the step and what has been measured. Learning rate and batches
follow from the step, so there is nothing else to keep.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from inference_app.domain.networks.tensor_file import Tensors, read_tensors, write_tensors
from inference_app.domain.training.plan import TrainingPlan
from inference_app.domain.training.run_state import state_of, take_state
from matteweb.errors import BadInput


@dataclass(slots=True)
class Progressed:
    """How far a training is: the next step, and what was measured on the way.

    ``curve``: one entry per validation; ``best``: the lowest figure so far, at step ``best_step``;
    ``losses``: of the steps since the last validation.
    """

    step: int = 0
    best: float = float("inf")
    best_step: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def save_training(
    path: Path,
    plan: TrainingPlan,
    net: nn.Module,
    ema: Tensors,
    optimiser: torch.optim.AdamW,
    progressed: Progressed,
) -> None:
    """Write the file, atomically: a killed process leaves the one before."""
    tensors = {"rng": torch.get_rng_state(), **state_of(net, optimiser)}
    tensors |= {f"ema/{name}": ema[name] for name, _ in net.named_parameters()}
    facts = {
        "plan": plan.model_dump_json(),
        "step": str(progressed.step),
        "best": str(progressed.best),
        "best_step": str(progressed.best_step),
        "curve": json.dumps(progressed.curve),
        "losses": json.dumps(progressed.losses),
    }
    write_tensors(path, tensors, facts)


def load_training(
    path: Path,
    plan: TrainingPlan,
    net: nn.Module,
    ema: Tensors,
    optimiser: torch.optim.AdamW,
    *,
    lowered: bool = False,
) -> Progressed:
    """Bring everything back to where the file left it.

    Raises BadInput when the file belongs to another plan. A plan may differ in ``steps``,
    ``decay`` and ``last`` as long as neither rate had begun to fall; ``lowered``: in its sizes at
    any time, since memory was short.
    """
    tensors, facts = read_tensors(path)
    saved = TrainingPlan.model_validate_json(facts["plan"])
    progressed = Progressed(
        int(facts["step"]),
        float(facts["best"]),
        int(facts["best_step"]),
        json.loads(facts["curve"]),
        json.loads(facts.get("losses", "[]")),
    )
    if lowered:
        saved = saved.model_copy(update={"main": plan.main, "last": plan.last})
    _require_same(saved, plan, progressed.step, path)
    torch.set_rng_state(tensors["rng"])
    take_state(net, optimiser, tensors, progressed.step)
    with torch.no_grad():
        for name, _ in net.named_parameters():
            ema[name].copy_(tensors[f"ema/{name}"])
    return progressed


def _require_same(saved: TrainingPlan, plan: TrainingPlan, step: int, path: Path) -> None:
    if saved == plan:
        return
    free = {"steps": plan.steps, "decay": plan.decay, "last": plan.last}
    before_the_fall = step <= min(saved.falls_at, plan.falls_at)
    if not before_the_fall or saved.model_copy(update=free) != plan:
        raise BadInput(
            f"{path} belongs to a training with another plan, at step {step}",
            hint="take an empty folder; steps, decay and last may change until the rate falls",
        )
