"""From cases to a fusion network."""

from __future__ import annotations

from functools import partial
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
from inference_app.domain.training.crew import crew_sharing
from inference_app.domain.training.fusion_cases import FusionSet, meeting_of, weights_of
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.stepping import Learned, Report, Training, take_steps
from matteweb.errors import BadInput

STATE, WEIGHTS = "fusion-state.safetensors", "fusion.safetensors"
_TRIES: Final = 20


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
    path, about = folder / WEIGHTS, {"stage": str(plan.stage), "aware": str(plan.aware)}
    with threads_pinned(device.threads), crew_sharing(plan.batch, device) as crew:
        net = _begun(plan, init)
        training = Training(
            plan, net, crew, folder / STATE,
            draw=partial(drawn_case, found, weights_of(found.cases), plan),
            loss=lambda step, planes, truth: hardest_loss(
                net(planes), truth[:, None], plan.share_at(step)
            ),
            write=lambda facts: save_fusion(path, net, dict(net.state_dict()), about | facts),
        )  # fmt: skip
        take_steps(training, progress=progress, should_stop=should_stop, report=report)
        return Learned(plan, training.step, training.recent, path, crew.leads)


def _begun(plan: FusionPlan, init: Path | None) -> FusionNet:
    torch.manual_seed(plan.seed)
    net = FusionNet(FusionShape(plan.width, plan.blocks))
    if init is not None:
        before, _ = load_fusion(init)
        if before.shape != net.shape:
            raise BadInput(
                f"{init.name} has another shape than the plan",
                hint=f"set width={before.shape.width} blocks={before.shape.blocks}",
            )
        net.load_state_dict(before.state_dict())
    return net


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
