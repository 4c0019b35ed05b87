"""What a picture looks like place by place, without learning: colour, and detail by wavelets.

A picture of ``SIDE`` squared becomes a grid of ``CELLS`` x ``CELLS`` places. Each has the mean and
deviation of three colour planes, and the energy of the Haar details of each plane at three levels.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.networks.wavelets import WAVELETS

SIDE, CELLS, LEVELS = 128, 16, 3
WIDTH = 3 + 3 + 3 * 3 * LEVELS
"""Numbers per place."""

_ENERGY_FLOOR = 1e-4


def features_of(rgb: RgbFrame) -> Tensor:
    """Return (CELLS * CELLS, WIDTH), row by row."""
    return features_of_planes(planes_of(rgb))[0].flatten(1).T


def planes_of(rgb: RgbFrame) -> Tensor:
    """Return (1, 3, SIDE, SIDE) in 0..1: brightness and two differences of colour."""
    small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    red, green, blue = np.moveaxis(small.astype(np.float32) / 255, 2, 0)
    light = (red + green + blue) / 3
    planes = np.stack((light, (red - green + 1) / 2, (blue - green + 1) / 2))
    return torch.from_numpy(np.ascontiguousarray(planes))[None]


def features_of_planes(planes: Tensor) -> Tensor:
    """Return (B, WIDTH, CELLS, CELLS) of planes (B, 3, SIDE, SIDE)."""
    cell = SIDE // CELLS
    mean = functional.avg_pool2d(planes, cell)
    square = functional.avg_pool2d(planes**2, cell)
    found = [mean, (square - mean**2).clamp(min=0).sqrt()]
    haar, low = WAVELETS["haar"], planes
    for level in range(LEVELS):
        bands = haar.analyse(low)
        low, details = bands[:, :3] / haar.low_gain, bands[:, 3:].square()
        pooled = functional.adaptive_avg_pool2d(details, CELLS)
        found.append((pooled + _ENERGY_FLOOR).log() / (2 + level))
    return torch.cat(found, 1)
