"""Several processes at one training: each learns from its clips; what they learn is added up.

`torchrun` starts them. The gradients of the shares, each weighed by its number of clips, add up to
the gradient of the whole batch, so as many processes as one likes make the same training, up to
the order in which numbers are added. One of them leads: it validates, saves and reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor, distributed, nn

from inference_app.domain.device import Device
from inference_app.domain.training.plan import TrainingPlan
from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class Crew:
    """Which of how many processes this is, and what it computes on."""

    device: Device
    number: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether it validates and saves."""
        return self.number == 0

    def share_of(self, batch: int) -> float:
        """Return how much of a batch of so many clips is this process's."""
        return len(range(self.number, batch, self.size)) / batch

    def add_up(self, net: nn.Module, loss: Tensor) -> Tensor:
        """Add the gradients of all processes in place; return the sum of their losses."""
        if self.size == 1:
            return loss.detach()
        gradients = [one.grad for one in net.parameters() if one.grad is not None]
        parts = [loss.detach().reshape(1), *(one.reshape(-1) for one in gradients)]
        whole = torch.cat([part.float() for part in parts])
        distributed.all_reduce(whole)
        place = 1
        for one in gradients:
            one.copy_(whole[place : place + one.numel()].view_as(one))
            place += one.numel()
        return whole[0]

    def any(self, said: bool) -> bool:
        """Return whether any process said so; all have to ask."""
        if self.size == 1:
            return said
        flag = torch.tensor([float(said)], device=self.device.of_torch())
        distributed.all_reduce(flag)
        return bool(flag.item() > 0)


def in_company() -> bool:
    """Return whether `torchrun` started this process, beside others."""
    return distributed.is_available() and distributed.is_torchelastic_launched()


@contextmanager
def crew_of(plan: TrainingPlan, device: Device) -> Iterator[Crew]:
    """Join the others that `torchrun` started; alone without it.

    Raises BadInput when a batch has fewer clips than there are processes.
    """
    with crew_sharing(min(plan.main.batch, plan.last.batch), device) as crew:
        yield crew


@contextmanager
def crew_sharing(smallest: int, device: Device) -> Iterator[Crew]:
    """The same for a training whose ``smallest`` batch is known."""
    if not in_company():
        yield Crew(device)
        return
    if device.kind == "cuda":
        device = replace(device, index=distributed.get_node_local_rank())
        torch.cuda.set_device(device.of_torch())
    distributed.init_process_group("nccl" if device.kind == "cuda" else "gloo")
    try:
        crew = Crew(device, distributed.get_rank(), distributed.get_world_size())
        _require_clips(smallest, crew.size)
        yield crew
    finally:
        distributed.destroy_process_group()


def require_clips_for_all(plan: TrainingPlan, size: int) -> None:
    """Raise BadInput when a batch has fewer clips than there are processes."""
    _require_clips(min(plan.main.batch, plan.last.batch), size)


def _require_clips(smallest: int, size: int) -> None:
    if smallest < size:
        raise BadInput(
            f"{size} processes cannot share a batch of {smallest} clips",
            hint="start fewer, or raise the clips per step",
        )
