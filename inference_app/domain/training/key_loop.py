"""From painted clips to keys: one frame tells another, square by square, what is the object.

Stop it anywhere, kill it anywhere; it goes on exactly.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.networks.key_net import STRIDE, KeyNet, KeyShape, save_keys
from inference_app.domain.networks.tensor_file import read_tensors, write_tensors
from inference_app.domain.training.crew import Crew, crew_sharing
from inference_app.domain.training.fusion_loop import Learned
from inference_app.domain.training.held_out import TRAINING_BANK
from inference_app.domain.training.key_plan import KeyPlan
from inference_app.domain.training.painted import bank_of, painted_clip
from inference_app.domain.training.run_state import state_of, take_state
from inference_app.domain.training.stepping import Report, take_steps
from matteweb.errors import BadInput

STATE, WEIGHTS = "key-state.safetensors", "key.safetensors"
_PAIRS_PER_STEP: Final = 256

Pair: TypeAlias = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
"""Pictures (2, H, W, 3) and alphas (2, H, W): what is known, and what is asked."""


def train_key(
    plan: KeyPlan,
    folder: Path,
    *,
    device: Device,
    progress: Progress,
    should_stop: ShouldStop,
    report: Report,
) -> Learned:
    """Train, or go on where ``folder`` left off.

    Raises Cancelled and OutOfMemory with everything kept, BadInput when the folder belongs to
    another plan.
    """
    with threads_pinned(device.threads), crew_sharing(plan.batch, device) as crew:
        run = _Run(plan, folder, crew)
        take_steps(run, plan, progress=progress, should_stop=should_stop, report=report)
        return Learned(run.step, run.recent, folder / WEIGHTS, crew.leads)


class _Run:
    """The moving parts of one training."""

    def __init__(self, plan: KeyPlan, folder: Path, crew: Crew) -> None:
        self.plan, self.folder, self.crew = plan, folder, crew
        torch.manual_seed(plan.seed)
        self.net = KeyNet(KeyShape(plan.channels, plan.blocks, plan.keys))
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
        drawn = [drawn_pair(plan, self.step * _PAIRS_PER_STEP + number) for number in numbers]
        pictures = torch.from_numpy(np.stack([one for one, _ in drawn])).to(place)
        alphas = torch.from_numpy(np.stack([two for _, two in drawn])).to(place)
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate_at(self.step)
        loss = matched_loss(self.net, pictures, alphas) * self.crew.share_of(plan.batch)
        self.optimiser.zero_grad(set_to_none=True)
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
        facts = {
            "plan": self.plan.model_dump_json(),
            "step": str(self.step),
            "losses": json.dumps(self.losses),
        }
        write_tensors(self.folder / STATE, state_of(self.net, self.optimiser), facts)
        about = {"step": str(self.step), "plan": self.plan.digest()}
        save_keys(self.folder / WEIGHTS, self.net, dict(self.net.state_dict()), about)

    def _load(self) -> None:
        path = self.folder / STATE
        tensors, facts = read_tensors(path)
        if KeyPlan.model_validate_json(facts["plan"]) != self.plan:
            raise BadInput(
                f"{path} belongs to a training with another plan, at step {facts['step']}",
                hint="take an empty folder",
            )
        self.step, self.losses = int(facts["step"]), json.loads(facts["losses"])
        take_state(self.net, self.optimiser, tensors, self.step)


def drawn_pair(plan: KeyPlan, number: int) -> Pair:
    """Return pair ``number`` of the plan's seed: two frames of one clip, in either order; the
    first shows the object."""
    rng = np.random.default_rng([plan.seed, number])
    clip = int(rng.integers(plan.clips))
    size = (plan.frames, plan.height, plan.width)
    rgb, alpha = _painted(plan.seed, plan.bank, clip, size)
    shown = np.flatnonzero(alpha.reshape(plan.frames, -1).max(axis=1) > 127)
    frames = [int(rng.choice(shown)), int(rng.integers(plan.frames))]
    return rgb[frames], alpha[frames]


def matched_loss(net: KeyNet, pictures: Tensor, alphas: Tensor) -> Tensor:
    """Return how badly the squares of the first frame tell those of the second what they are.

    Pictures (B, 2, H, W, 3) and alphas (B, 2, H, W), uint8. Object and background count alike.
    """
    batch, _, height, width = alphas.shape
    planes = pictures.flatten(0, 1).permute(0, 3, 1, 2).float() / 255
    keys = net(planes).flatten(2).reshape(batch, 2, -1, height * width // STRIDE**2)
    covered = functional.avg_pool2d(alphas.flatten(0, 1)[:, None].float() / 255, STRIDE)
    known, asked = covered.reshape(batch, 2, -1).unbind(1)
    alike = torch.einsum("bca,bck->bak", keys[:, 1], keys[:, 0]) * net.sharp.exp()
    told = torch.einsum("bak,bk->ba", alike.softmax(2), known).clamp(1e-4, 1 - 1e-4)
    each = functional.binary_cross_entropy(told, asked, reduction="none")
    ours = asked.sum(1).clamp(min=1)
    rest = (1 - asked).sum(1).clamp(min=1)
    return 0.5 * ((each * asked).sum(1) / ours + (each * (1 - asked)).sum(1) / rest).mean()


@lru_cache(maxsize=512)
def _painted(seed: int, sprites: int, number: int, size: tuple[int, int, int]) -> Pair:
    bank, (frames, height, width) = bank_of(TRAINING_BANK, sprites, sprites), size
    made = painted_clip(bank, seed, number, frames=frames, height=height, width=width)
    return made.rgb, made.alpha
