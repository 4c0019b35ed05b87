"""A plane of the last frame, carried along the motion to where it lies in this one.

Motion by dense inverse search, as OpenCV has it (T. Kroeger et al., ECCV 2016).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

SMALLEST_SIDE = 16
"""The patches of the search need some room; there is no motion in a smaller frame."""

SOFT = 0.04
"""Difference of colour, of 0..1, at which trust has fallen to 1/e."""

Luma: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) uint8."""

Field: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 2) float32: pixels to the right and down."""


def motion_back(now: Luma, before: Luma) -> Field:
    """Return where each pixel of ``now`` lay in ``before``, minus where it lies."""
    if min(now.shape) < SMALLEST_SIDE:
        return np.zeros((*now.shape, 2), np.float32)
    return np.asarray(_search().calc(now, before, None), np.float32)


@torch.no_grad()
def carried(plane: Tensor, before: Tensor, now: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``plane`` of the last frame where it lies now, and how far to trust that.

    ``plane`` (B, C, H, W); ``before`` and ``now`` (B, 3, H, W) in 0..1. Trust is (B, 1, H, W), 1
    where the colours agree.
    """
    height, width = now.shape[-2:]
    pairs = zip(_lumas(now), _lumas(before), strict=True)
    flow = torch.from_numpy(np.stack([motion_back(one, other) for one, other in pairs]))
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    where = torch.stack((columns, rows), -1) + flow
    # grid_sample takes coordinates as x, y in -1..1 from the first pixel's middle to the last's.
    span = torch.tensor([max(1, width - 1), max(1, height - 1)])
    grid = (2 * where / span - 1).to(now)
    moved = functional.grid_sample(
        torch.cat((plane.to(now), before), 1), grid, padding_mode="border", align_corners=True
    )
    found, colours = moved[:, :-3], moved[:, -3:]
    off = (colours - now).abs().mean(1, keepdim=True)
    return found, torch.exp(-((off / SOFT) ** 2))


@lru_cache(maxsize=1)
def _search() -> cv2.DISOpticalFlow:
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def _lumas(pictures: Tensor) -> list[Luma]:
    planes = (pictures.detach().float().cpu().clamp(0, 1) * 255).round().to(torch.uint8)
    return [
        np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8)
        for one in np.ascontiguousarray(planes.permute(0, 2, 3, 1).numpy())
    ]
