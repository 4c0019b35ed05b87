"""From painted clips to keys: one frame tells another, square by square, what is the object."""

from __future__ import annotations

from functools import lru_cache, partial
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
from inference_app.domain.training.crew import crew_sharing
from inference_app.domain.training.held_out import TRAINING_BANK
from inference_app.domain.training.key_plan import KeyPlan
from inference_app.domain.training.painted import bank_of, painted_clip
from inference_app.domain.training.stepping import Learned, Report, Training, take_steps

STATE, WEIGHTS = "key-state.safetensors", "key.safetensors"
_KEPT_BYTES: Final = 512 * 1024**2

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
    path = folder / WEIGHTS
    with threads_pinned(device.threads), crew_sharing(plan.batch, device) as crew:
        torch.manual_seed(plan.seed)
        net = KeyNet(KeyShape(plan.channels, plan.blocks, plan.keys))
        training = Training(
            plan, net, crew, folder / STATE,
            draw=Pairs(plan).drawn,
            loss=lambda _, pictures, alphas: matched_loss(net, pictures, alphas),
            write=lambda facts: save_keys(path, net, dict(net.state_dict()), facts),
        )  # fmt: skip
        take_steps(training, progress=progress, should_stop=should_stop, report=report)
        return Learned(plan, training.step, training.recent, path, crew.leads)


class Pairs:
    """Pairs of frames of painted clips.

    Keeps the clips drawn last, at most 512 MiB of them or one: a clip costs its painting anew when
    a plan has more of them than that.
    """

    def __init__(self, plan: KeyPlan) -> None:
        self._plan = plan
        self._painted = lru_cache(maxsize=clips_kept(plan))(partial(_painted, plan))

    def drawn(self, number: int) -> Pair:
        """Return pair ``number`` of the plan's seed: two frames of one clip, in either order; the
        first shows the object."""
        plan = self._plan
        rng = np.random.default_rng([plan.seed, number])
        rgb, alpha = self._painted(int(rng.integers(plan.clips)))
        shown = np.flatnonzero(alpha.reshape(plan.frames, -1).max(axis=1) > 127)
        frames = [int(rng.choice(shown)), int(rng.integers(plan.frames))]
        return rgb[frames], alpha[frames]


def clips_kept(plan: KeyPlan) -> int:
    """Return how many painted clips of a plan are kept in memory."""
    return max(1, _KEPT_BYTES // (plan.frames * plan.height * plan.width * 4))


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


def _painted(plan: KeyPlan, number: int) -> Pair:
    made = painted_clip(
        bank_of(TRAINING_BANK, plan.bank, plan.bank), plan.seed, number, frames=plan.frames,
        height=plan.height, width=plan.width,
    )  # fmt: skip
    return made.rgb, made.alpha
