"""The loop: from a plan to weights. Stop it anywhere, kill it anywhere; it goes on exactly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.networks.own import OWN
from inference_app.domain.networks.saved_network import save_network
from inference_app.domain.networks.tensor_file import Tensors
from inference_app.domain.training.batches import ClipSource, batches
from inference_app.domain.training.checkpoint import (
    Progressed,
    load_training,
    save_training,
)
from inference_app.domain.training.crew import Crew, crew_of
from inference_app.domain.training.held_out import VALIDATION, HeldOut
from inference_app.domain.training.losses import Weights
from inference_app.domain.training.memory import memory_watched
from inference_app.domain.training.plan import TrainingPlan
from inference_app.domain.training.refining import clip_loss, refine_clip
from inference_app.domain.training.sheets import Sheet
from inference_app.domain.training.validation import measure
from matteweb.errors import Cancelled, OutOfMemory

STATE, BEST, SHEET = "training.safetensors", "best.safetensors", "validation.png"

Report = Callable[[dict[str, float]], None]
"""Called after each validation with step, loss, figures and seconds per step."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the best figure, when, and the file that holds those weights.

    ``leads``: this process did the measuring and saving.
    """

    step: int
    best: float
    best_step: int
    best_path: Path
    leads: bool = True


def network_of(plan: TrainingPlan) -> Any:
    """Return a new network, its first weights drawn from the plan's seed."""
    torch.manual_seed(plan.seed)
    kind = OWN[plan.network]
    return kind.make({**kind.shapes[plan.shape].as_json(), "wavelet": plan.wavelet})


def train(
    plan: TrainingPlan,
    source: ClipSource,
    folder: Path,
    *,
    device: Device,
    processes: int,
    progress: Progress,
    should_stop: ShouldStop,
    report: Report,
    held: HeldOut = VALIDATION,
    lowered: bool = False,
) -> Outcome:
    """Train, or go on where ``folder`` left off.

    Raises Cancelled when asked to stop, with everything kept; BadInput when the folder belongs to
    another plan; OutOfMemory, with everything kept but a step that it left in the middle:
    `memory.stepped_down` has a plan that takes less, with which it goes on as ``lowered``.
    """
    with threads_pinned(device.threads), crew_of(plan, device) as crew:
        run = _Run(plan, folder, crew, held, report, lowered=lowered)
        part = (crew.number, crew.size)
        coming = batches(source, plan, run.progressed.step, processes, part)
        while True:
            try:
                with memory_watched(f"training, at step {run.progressed.step}"):
                    step, batch = next(coming, (plan.steps, None))
                    if batch is None:
                        break
                    if crew.any(should_stop()):
                        run.save()
                        raise Cancelled(
                            f"training stopped at step {step}", hint="start it again to go on"
                        )
                    weights = Weights(steady=plan.stage_at(step).steady)
                    run.learn(step, clip_loss(run.net, batch, crew.device, weights))
                    progress(step + 1, plan.steps)
                    if run.settle(step + 1):
                        break
            except OutOfMemory:
                if run.whole:
                    run.save()
                raise
        done = run.progressed
        return Outcome(done.step, done.best, done.best_step, folder / BEST, crew.leads)


class _Run:
    """The moving parts of one training. ``whole``: no step was left in the middle."""

    def __init__(
        self,
        plan: TrainingPlan,
        folder: Path,
        crew: Crew,
        held: HeldOut,
        report: Report,
        *,
        lowered: bool,
    ) -> None:
        self.plan, self.folder, self.crew, self.held, self.report = (
            plan, folder, crew, held, report,
        )  # fmt: skip
        self.device = device = crew.device
        self.net = network_of(plan).to(device.of_torch())
        self.net = self.net.to(memory_format=torch.channels_last)
        self.ema: Tensors = {
            name: value.detach().clone() for name, value in self.net.named_parameters()
        }
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=plan.rate, weight_decay=plan.weight_decay
        )
        self.progressed, self.whole = Progressed(), True
        if (folder / STATE).exists():
            self.progressed = load_training(
                folder / STATE, plan, self.net, self.ema, self.optimiser, lowered=lowered
            )
        self._since = time.monotonic()

    def learn(self, step: int, loss: torch.Tensor) -> None:
        """Make one step of the optimiser and of the moving average."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate_at(step)
        self.optimiser.zero_grad(set_to_none=True)
        loss = loss * self.crew.share_of(self.plan.stage_at(step).batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        loss = self.crew.add_up(self.net, loss)
        nn.utils.clip_grad_norm_(self.net.parameters(), self.plan.clip_norm)
        self.whole = False
        self.optimiser.step()
        keep = min(self.plan.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, parameter in self.net.named_parameters():
                self.ema[name].lerp_(parameter, 1 - keep)
        self.progressed.losses.append(float(loss))
        self.progressed.step = step + 1
        self.whole = True

    def settle(self, step: int) -> bool:
        """Validate and save when it is time; return whether it is time to end early."""
        last = step == self.plan.steps
        if self.crew.leads and (last or step % self.plan.validate_every == 0):
            self._validate(step)
        if last or step % self.plan.save_every == 0:
            self.save()
        if not self.plan.patience:
            return False
        waited = (step - self.progressed.best_step) / self.plan.validate_every
        return self.crew.any(self.crew.leads and waited >= self.plan.patience)

    def save(self) -> None:
        """Write the state of the training."""
        if not self.crew.leads:
            return
        save_training(
            self.folder / STATE, self.plan, self.net, self.ema, self.optimiser, self.progressed
        )

    def _validate(self, step: int) -> None:
        averaged = OWN[self.net.name].make(self.net.shape.as_json()).to(self.device.of_torch())
        averaged.load_state_dict(self.ema)
        averaged.eval()
        sheet = Sheet(lambda clip: refine_clip(averaged, clip, self.device))
        figures = measure(self.held, sheet)
        sheet.write(self.folder / SHEET)
        losses = self.progressed.losses
        entry = {"step": float(step), "loss": sum(losses) / max(1, len(losses))}
        entry |= asdict(figures)
        seconds = (time.monotonic() - self._since) / max(1, len(losses))
        self.progressed.curve.append(entry)
        self.progressed.losses, self._since = [], time.monotonic()
        if figures.band < self.progressed.best:
            self.progressed.best, self.progressed.best_step = figures.band, step
            facts = {"step": str(step), "plan": self.plan.digest()}
            save_network(self.folder / BEST, self.net, dict(self.ema), facts)
        self.report(entry | {"seconds_per_step": seconds})
