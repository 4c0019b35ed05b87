"""The fast guided filter on tensors, with fixed parameters: windows of 10 pixels at half the size.

See `inference_app.domain.guided_filter` for the papers.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SIDE = 5
EPSILON = 1e-3


@torch.no_grad()
def guided_plane(luma: Tensor, plane: Tensor) -> Tensor:
    """Return ``plane`` (B, 1, H, W) in 0..1 smoothed along the edges of ``luma`` (B, 1, H, W).

    Both sides are even.
    """
    small = functional.avg_pool2d(torch.cat((luma, plane), 1).contiguous(), 2)
    guide, value = small.chunk(2, 1)
    means = _mean(torch.cat((small, guide * guide, guide * value), 1))
    guide_mean, value_mean, square, product = means.chunk(4, 1)
    slope = (product - guide_mean * value_mean) / (square - guide_mean**2 + EPSILON)
    line = _mean(torch.cat((slope, value_mean - slope * guide_mean), 1))
    slope, offset = functional.interpolate(line, scale_factor=2, mode="bilinear").chunk(2, 1)
    return (slope * luma + offset).clamp(0, 1)


def _mean(planes: Tensor) -> Tensor:
    """Return means of windows of 5 x 5, of what lies inside the picture."""
    reach = SIDE // 2
    across = functional.avg_pool2d(planes, (1, SIDE), 1, (0, reach), count_include_pad=False)
    return functional.avg_pool2d(across, (SIDE, 1), 1, (reach, 0), count_include_pad=False)
