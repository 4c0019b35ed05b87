"""Which colours belong to the object, learned from the mask while the clip runs; no weights.

Two histograms over 8 x 8 x 8 colours, of what the mask calls object and background, give each pixel
the share of the object among pixels of its colour. They forget slowly, so that one bad mask does
not undo ten good ones.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BINS = 8
KEPT = 0.7
"""What is left of the histograms of earlier frames at each new one."""

UNSEEN = 1e-4
"""Mass given to both sides: a colour that neither has shown stays at a half."""


@torch.no_grad()
def counted(rgb: Tensor, share: Tensor, before: Tensor | None) -> Tensor:
    """Return histograms (B, 2, 8, 8, 8), each of sum 1, with this frame's pixels added.

    ``rgb`` (B, 3, H, W) in 0..1; ``share`` (B, 1, H, W) in 0..1: how much of a pixel is object.
    """
    place = (rgb.clamp(0, 1) * (BINS - 1)).round().long()
    index = (place[:, 0] * BINS + place[:, 1]) * BINS + place[:, 2]
    flat = index.flatten(1)
    sides = []
    for weight in (share, 1 - share):
        counts = torch.zeros(len(rgb), BINS**3, device=rgb.device)
        counts.scatter_add_(1, flat, weight.float().flatten(1))
        sides.append(counts / (counts.sum(1, keepdim=True) + 1))
    fresh = _smoothed(torch.stack(sides, 1).view(len(rgb), 2, BINS, BINS, BINS))
    return fresh if before is None else KEPT * before + (1 - KEPT) * fresh


@torch.no_grad()
def likeness(rgb: Tensor, histograms: Tensor) -> Tensor:
    """Return (B, 1, H, W) in 0..1: the object's share among pixels of each colour."""
    inside, outside = histograms[:, :1] + UNSEEN, histograms[:, 1:] + UNSEEN
    share = inside / (inside + outside)
    # grid_sample takes coordinates as x, y, z, the last axis first, in -1..1.
    where = (rgb.clamp(0, 1) * 2 - 1).flip(1).permute(0, 2, 3, 1).unsqueeze(1)
    found = functional.grid_sample(share, where.float(), align_corners=True)
    return found[:, :, 0]


def _smoothed(histograms: Tensor) -> Tensor:
    """Spread each count over its neighbours, 1 2 1 along each axis."""
    for axis in (2, 3, 4):
        size = histograms.shape[axis]
        left = histograms.narrow(axis, 0, 1), histograms.narrow(axis, 0, size - 1)
        right = histograms.narrow(axis, 1, size - 1), histograms.narrow(axis, size - 1, 1)
        histograms = (torch.cat(left, axis) + 2 * histograms + torch.cat(right, axis)) / 4
    return histograms
