"""The nine planes that our networks see of a frame.

Its colours; the mask, and whether there is one; the last alpha; a plane about motion that each
network has of its own; how much the colour of a pixel is like the object's; and the mask smoothed
along the edges of the picture. The last two are classical and need no learning.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from inference_app.domain.networks.colour_model import counted, likeness
from inference_app.domain.networks.guided_plane import guided_plane

PLANES_IN = 9


@dataclass(frozen=True, slots=True)
class Hint:
    """``given``: the mask, 0 without one. ``flag``: 1 where there is one. Both (B, 1, H, W)."""

    given: Tensor
    flag: Tensor


@dataclass(frozen=True, slots=True)
class Seen:
    """``planes`` (B, 9, H, W); ``smooth``, the last of them; ``colours``, histograms as counted."""

    planes: Tensor
    smooth: Tensor
    colours: Tensor


def hint_of(luma: Tensor, mask: Tensor | None, shown: Tensor | None) -> Hint:
    """Return the mask of a frame of this ``luma``, hidden for those of a batch not ``shown``."""
    given = torch.zeros_like(luma) if mask is None else mask
    flag = torch.full_like(luma, 0.0 if mask is None else 1.0)
    return Hint(given, flag) if shown is None else Hint(given * shown, flag * shown)


def seen_of(
    rgb: Tensor, luma: Tensor, hint: Hint, before: Tensor, motion: Tensor, colours: Tensor | None
) -> Seen:
    """Return what a network sees of a frame.

    ``before`` (B, 1, H, W): the last alpha, the mask before the first frame. ``motion``: the
    network's own plane. ``colours``: histograms of the frames before, None without any.
    """
    believed = hint.flag * hint.given + (1 - hint.flag) * before
    counts = counted(rgb, believed, colours)
    like, smooth = likeness(rgb, counts), guided_plane(luma, believed)
    planes = torch.cat((rgb - 0.5, hint.given, hint.flag, before, motion, like, smooth), 1)
    return Seen(planes, smooth, counts)
