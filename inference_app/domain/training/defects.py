"""Learns how good pictures look, and scores others by where they look otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.networks.defect_features import features_of
from inference_app.domain.networks.defect_flow import DefectFlow, FlowShape, places
from matteweb.errors import BadInput, Cancelled

WORST_SHARE = 0.02
"""Share of places whose mean is a picture's score."""

_SMALLEST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class DefectPlan:
    """``batch``: places per step; lower it, then ``hidden``, when memory is short."""

    steps: int = 400
    batch: int = 1024
    hidden: int = 64
    layers: int = 4
    rate: float = 2e-3
    seed: int = 1


def learn_good(
    pictures: Iterable[RgbFrame], plan: DefectPlan, progress: Progress, should_stop: ShouldStop
) -> DefectFlow:
    """Return a flow that has seen good pictures alone.

    Memory: 132 numbers of 4 bytes per place and picture at most. Raises BadInput without
    pictures, Cancelled.
    """
    found = [features_of(rgb) for rgb in pictures]
    if not found:
        raise BadInput("there is no good picture to learn from", hint="fill <class>/train/good/")
    torch.manual_seed(plan.seed)
    rng = torch.Generator().manual_seed(plan.seed)
    numbers, where = torch.cat(found), places().repeat(len(found), 1)
    flow = DefectFlow(FlowShape(hidden=plan.hidden, layers=plan.layers))
    flow.mean = numbers.mean(0)
    flow.deviation = numbers.std(0).clamp(min=_SMALLEST_DEVIATION)
    optimiser = torch.optim.Adam(flow.parameters(), lr=plan.rate)
    for step in range(plan.steps):
        if should_stop():
            raise Cancelled(f"stopped at step {step}")
        chosen = torch.randint(len(numbers), (plan.batch,), generator=rng)
        loss = flow.surprise(numbers[chosen], where[chosen]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(flow.parameters(), 1.0)
        optimiser.step()
        progress(step + 1, plan.steps)
    with torch.no_grad():
        usual = [flow.surprise(one, places()) for one in found]
    levels = [float(torch.cat(usual).median()), max(float(one.max()) for one in usual)]
    flow.levels = torch.tensor(levels)
    return flow.eval()


def heat_of(flow: DefectFlow, rgb: RgbFrame) -> npt.NDArray[np.float32]:
    """Return (CELLS, CELLS) float32: 0 usual, 1 as odd as the oddest place of a good picture."""
    with torch.no_grad():
        return np.asarray(flow.heat(features_of(rgb)).numpy(), np.float32)


def score_of(heat: npt.NDArray[np.float32]) -> float:
    """Return a picture's score: the mean of its worst places."""
    worst = np.sort(heat.ravel())[::-1]
    return float(worst[: max(1, round(WORST_SHARE * worst.size))].mean())


def heat_picture(rgb: RgbFrame, heat: npt.NDArray[np.float32], top: float) -> npt.NDArray[np.uint8]:
    """Return the picture with its heat over it, (H, W, 3) uint8; ``top`` is the hottest colour."""
    height, width = rgb.shape[:2]
    large = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    levels = (np.clip(large / max(1e-6, top), 0, 1) * 255).astype(np.uint8)
    warm = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    gray = rgb.mean(2, keepdims=True)
    return np.asarray(np.rint(0.45 * gray + 0.55 * warm), np.uint8)
