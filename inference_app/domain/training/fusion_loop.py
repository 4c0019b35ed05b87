"""From cases to a fusion network. Stop it anywhere, kill it anywhere; it goes on exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.interactive.planes import Floats, SoftMask
from inference_app.domain.networks.fusion_net import (
    FusionNet,
    FusionShape,
    load_fusion,
    save_fusion,
)
from inference_app.domain.networks.tensor_file import read_tensors, write_tensors
from inference_app.domain.training.crew import Crew, crew_sharing
from inference_app.domain.training.fusion_cases import FusionSet, meeting_of, weights_of
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.run_state import state_of, take_state
from inference_app.domain.training.stepping import Report, take_steps
from matteweb.errors import BadInput

STATE, WEIGHTS = "fusion-state.safetensors", "fusion.safetensors"
_CASES_PER_STEP: Final = 256
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it. ``leads``: this process did the saving."""

    step: int
    loss: float
    path: Path
    leads: bool


def train_fusion(
    plan: FusionPlan,
    found: FusionSet,
    folder: Path,
    *,
    init: Path | None,
    device: Device,
    progress: Progress,
    should_stop: ShouldStop,
    report: Report,
) -> Learned:
    """Train, or go on where ``folder`` left off. ``init``: weights of the stage before.

    Raises Cancelled and OutOfMemory with everything kept, BadInput when the folder belongs to
    another plan.
    """
    with threads_pinned(device.threads), crew_sharing(plan.batch, device) as crew:
        run = _Run(plan, found, folder, crew, init)
        take_steps(run, plan, progress=progress, should_stop=should_stop, report=report)
        return Learned(run.step, run.recent, folder / WEIGHTS, crew.leads)


class _Run:
    """The moving parts of one training."""

    def __init__(
        self, plan: FusionPlan, found: FusionSet, folder: Path, crew: Crew, init: Path | None
    ) -> None:
        self.plan, self.found, self.folder, self.crew = plan, found, folder, crew
        self._chances = weights_of(found.cases)
        torch.manual_seed(plan.seed)
        self.net = FusionNet(FusionShape(plan.width, plan.blocks))
        if init is not None:
            self._begin_with(init)
        self.net.to(crew.device.of_torch())
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=plan.rate, weight_decay=plan.weight_decay
        )
        self.step, self.losses = 0, list[float]()
        if (folder / STATE).exists():
            self._load()

    @property
    def recent(self) -> float:
        """The mean loss of the last hundred steps."""
        last = self.losses[-100:]
        return sum(last) / max(1, len(last))

    def learn(self) -> None:
        """Make one step."""
        plan, place = self.plan, self.crew.device.of_torch()
        numbers = range(self.crew.number, plan.batch, self.crew.size)
        drawn = [
            drawn_case(self.found, self._chances, plan, self.step * _CASES_PER_STEP + number)
            for number in numbers
        ]
        planes = torch.from_numpy(np.stack([one for one, _ in drawn])).to(place)
        truth = torch.from_numpy(np.stack([two for _, two in drawn])[:, None]).to(place)
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate_at(self.step)
        loss = hardest_loss(self.net(planes), truth, plan.share_at(self.step))
        self.optimiser.zero_grad(set_to_none=True)
        loss = loss * self.crew.share_of(plan.batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        whole = self.crew.add_up(self.net, loss)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.losses = [*self.losses[-99:], float(whole)]
        self.step += 1

    def save(self) -> None:
        """Write the state of the training, and the weights as they are."""
        if not self.crew.leads:
            return
        plan = self.plan
        facts = {
            "plan": plan.model_dump_json(),
            "step": str(self.step),
            "losses": json.dumps(self.losses),
        }
        write_tensors(self.folder / STATE, state_of(self.net, self.optimiser), facts)
        about = {
            "stage": str(plan.stage),
            "aware": str(plan.aware),
            "step": str(self.step),
            "plan": plan.digest(),
        }
        save_fusion(self.folder / WEIGHTS, self.net, dict(self.net.state_dict()), about)

    def _begin_with(self, init: Path) -> None:
        before, _ = load_fusion(init)
        if before.shape != self.net.shape:
            raise BadInput(
                f"{init.name} has another shape than the plan",
                hint=f"set width={before.shape.width} blocks={before.shape.blocks}",
            )
        self.net.load_state_dict(before.state_dict())

    def _load(self) -> None:
        path = self.folder / STATE
        tensors, facts = read_tensors(path)
        if FusionPlan.model_validate_json(facts["plan"]) != self.plan:
            raise BadInput(
                f"{path} belongs to a training with another plan, at step {facts['step']}",
                hint="take an empty folder",
            )
        self.step, self.losses = int(facts["step"]), json.loads(facts["losses"])
        take_state(self.net, self.optimiser, tensors, self.step)


def drawn_case(
    found: FusionSet, chances: Floats, plan: FusionPlan, number: int
) -> tuple[Floats, SoftMask]:
    """Return planes (10, side, side) and truth (side, side) of draw ``number`` of the plan's seed.

    The part is one on which the two masks differ, if that is found in twenty tries.
    """
    rng = np.random.default_rng([plan.seed, plan.stage, number])
    planes = found.planes(int(rng.choice(len(chances), p=chances)))
    height, width = planes.shape[1:]
    side = plan.side
    below, beside = max(0, side - height), max(0, side - width)
    planes = np.pad(planes, ((0, 0), (0, below), (0, beside)), "edge")
    height, width = planes.shape[1:]
    for _ in range(_TRIES):
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        part = planes[:, top : top + side, left : left + side]
        if (np.abs(part[3].astype(np.int16) - part[4]) > 25).sum() >= 100:
            break
    if rng.random() < 0.5:
        part = part[:, :, ::-1]
    meeting, truth = meeting_of(np.ascontiguousarray(part))
    meeting = meeting if plan.aware else meeting.unaware()
    return meeting.planes(), truth


def hardest_loss(odds: Tensor, truth: Tensor, share: float) -> Tensor:
    """Return the mean cross-entropy over the hardest ``share`` of the pixels of each case.

    Of each case, so that several processes learn what one learns.
    """
    each = functional.binary_cross_entropy_with_logits(odds, truth, reduction="none").flatten(1)
    kept = max(1, round(share * each.shape[1]))
    return each.topk(kept, dim=1).values.mean()
