"""A training of one network, step by step: stopped, saved and told of as it should be.

Stop it anywhere, kill it anywhere; it goes on exactly.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.networks.tensor_file import read_tensors, write_tensors
from inference_app.domain.training.crew import Crew
from inference_app.domain.training.memory import memory_watched
from inference_app.domain.training.run_state import state_of, take_state
from inference_app.domain.training.steps_plan import MOST_PER_STEP, StepsPlan
from matteweb.errors import BadInput, Cancelled, OutOfMemory

_LESS_MEMORY: Final = "lower batch or the size of what is learned from, or end other programs"

Report: TypeAlias = Callable[[dict[str, float]], None]
"""Called after each save with step and loss, by the process that saves."""

Drawn: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""One case: what is shown, and what is asked."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it. ``leads``: this process did the saving."""

    plan: StepsPlan
    step: int
    loss: float
    path: Path
    leads: bool

    def answer(self) -> dict[str, Any]:
        """Return it in plain values, as commands and services tell it."""
        return {
            "steps": self.step,
            "loss": self.loss,
            "weights": str(self.path),
            "leads": self.leads,
            "plan": self.plan.model_dump(mode="json"),
        }


class Training:
    """The moving parts of a training: a network, its optimiser and how far it is.

    ``whole``: no step was left in the middle, so the weights are those of ``step`` steps.
    """

    def __init__(
        self,
        plan: StepsPlan,
        net: nn.Module,
        crew: Crew,
        state: Path,
        *,
        draw: Callable[[int], Drawn],
        loss: Callable[[int, Tensor, Tensor], Tensor],
        write: Callable[[dict[str, str]], None],
    ) -> None:
        """Begin with ``net`` as it is, or go on where the file ``state`` says.

        ``draw`` a case by its number; ``loss`` of a step on what was drawn, stacked; ``write`` the
        weights with facts about them. Raises BadInput when the file belongs to another plan.
        """
        self.plan, self.net, self.crew, self._state = plan, net, crew, state
        self._draw, self._loss, self._write = draw, loss, write
        net.to(crew.device.of_torch())
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=plan.rate, weight_decay=plan.weight_decay
        )
        self.step, self.losses, self.whole = 0, list[float](), True
        if state.exists():
            self._load()

    @property
    def recent(self) -> float:
        """The mean loss of the last hundred steps."""
        last = self.losses[-100:]
        return sum(last) / max(1, len(last))

    def learn(self) -> None:
        """Make one step, from this process's share of the cases."""
        plan, crew = self.plan, self.crew
        numbers = range(crew.number, plan.batch, crew.size)
        drawn = [self._draw(self.step * MOST_PER_STEP + number) for number in numbers]
        shown, asked = (
            torch.from_numpy(np.stack(planes)).to(crew.device.of_torch())
            for planes in zip(*drawn, strict=True)
        )
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate_at(self.step)
        loss = self._loss(self.step, shown, asked) * crew.share_of(plan.batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        total = crew.add_up(self.net, loss)
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.whole = False
        self.optimiser.step()
        self.losses = [*self.losses[-99:], float(total)]
        self.step += 1
        self.whole = True

    def save(self) -> None:
        """Write the state of the training, and the weights as they are."""
        if not self.crew.leads:
            return
        facts = {
            "plan": self.plan.model_dump_json(),
            "step": str(self.step),
            "losses": json.dumps(self.losses),
        }
        write_tensors(self._state, state_of(self.net, self.optimiser), facts)
        self._write({"step": str(self.step), "plan": self.plan.digest()})

    def _load(self) -> None:
        tensors, facts = read_tensors(self._state)
        if type(self.plan).model_validate_json(facts["plan"]) != self.plan:
            raise BadInput(
                f"{self._state} belongs to a training with another plan, at step {facts['step']}",
                hint="take an empty folder",
            )
        self.step, self.losses = int(facts["step"]), json.loads(facts["losses"])
        take_state(self.net, self.optimiser, tensors, self.step)


def take_steps(
    training: Training, *, progress: Progress, should_stop: ShouldStop, report: Report
) -> None:
    """Train from where ``training`` stands to the end.

    Raises Cancelled and OutOfMemory with everything kept, save for a step that memory ran out in
    while it changed weights: then what was saved before stands.
    """
    steps, crew = training.plan.steps, training.crew
    while training.step < steps:
        try:
            with memory_watched(f"training, at step {training.step}", hint=_LESS_MEMORY):
                if crew.any(should_stop()):
                    training.save()
                    raise Cancelled(
                        f"training stopped at step {training.step}", hint="start it again to go on"
                    )
                training.learn()
                progress(training.step, steps)
                if training.step % training.plan.save_every == 0 or training.step == steps:
                    training.save()
                    if crew.leads:
                        report({"step": float(training.step), "loss": training.recent})
        except OutOfMemory:
            if training.whole:
                training.save()
            raise
