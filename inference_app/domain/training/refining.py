"""What the loop does with a network of ours: one step's loss, and the alphas of a whole clip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference_app.domain.device import Device
from inference_app.domain.networks.own import OwnNetwork, padded
from inference_app.domain.training.batches import Batch
from inference_app.domain.training.losses import Weights, change_loss, flicker_loss, frame_loss
from inference_app.domain.training.painted import MattingClip


def clip_loss(net: OwnNetwork, batch: Batch, device: Device, weights: Weights) -> Tensor:
    """Return the mean loss per frame of a batch, through time."""
    place = device.of_torch()
    rgb, truth, mask = (_unit(planes, place) for planes in (batch.rgb, batch.alpha, batch.mask))
    hidden = torch.from_numpy(batch.first_only).to(place)[:, None, None, None]
    state, last = net.begin(), None
    total = torch.zeros((), device=place)
    for time in range(rgb.shape[1]):
        with torch.autocast(device.kind, torch.bfloat16, enabled=device.dtype == "bfloat16"):
            shown = torch.ones_like(hidden) if time == 0 else ~hidden
            alphas, state = net(_channels_last(rgb[:, time]), mask[:, time], state, shown)
        alphas = [plane.float() for plane in alphas]
        total = total + frame_loss(alphas, truth[:, time], weights)
        if last is not None:
            moved = (alphas[-1], last, truth[:, time], truth[:, time - 1])
            total = total + weights.change * change_loss(*moved)
            if weights.steady:
                total = total + weights.steady * flicker_loss(*moved)
        last = alphas[-1]
    return total / rgb.shape[1]


@torch.no_grad()
def refine_clip(
    net: OwnNetwork, clip: MattingClip, device: Device
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield one alpha (H, W) in 0..1 per frame of a clip, a mask on each."""
    place, state = device.of_torch(), net.begin()
    for rgb, mask in zip(clip.rgb, clip.mask, strict=True):
        picture = padded(_unit(rgb.transpose(2, 0, 1)[None], place))
        alphas, state = net(_channels_last(picture), padded(_unit(mask[None, None], place)), state)
        height, width = mask.shape
        yield alphas[-1][0, 0, :height, :width].clamp(0, 1).float().cpu().numpy()


def _unit(planes: npt.NDArray[np.uint8], place: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(planes)).to(place).float() / 255


def _channels_last(planes: Tensor) -> Tensor:
    return planes.contiguous(memory_format=torch.channels_last)
