"""A compact U-Net that is handed its own last alpha, carried along the motion.

It corrects the mask smoothed along the edges of the picture: at first it returns that plane, and
learning only adds to it. Its one memory is the alpha of the last frame, moved by optical flow to
where it lies now with how far to trust it, so that nothing has to be learned about motion.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference_app.domain.networks.blocks import Gate, Residual, enlarged, normalisation
from inference_app.domain.networks.motion import carried
from inference_app.domain.networks.seen_planes import PLANES_IN, Seen, hint_of, seen_of

FINE = 8
"""Channels at full size."""


@dataclass(frozen=True, slots=True)
class FlowUnetShape:
    """Channels at 1/2, 1/4, 1/8 and 1/16."""

    widths: tuple[int, int, int, int] = (16, 32, 48, 64)

    def as_json(self) -> dict[str, object]:
        """Return plain lists, as a checkpoint keeps them."""
        return asdict(self)


SHAPES = {"light": FlowUnetShape(), "heavy": FlowUnetShape((32, 64, 96, 128))}


@dataclass(slots=True)
class FlowUnetState:
    """The last frame, None before the first: ``alpha`` (B, 1, H, W), ``rgb`` (B, 3, H, W).

    ``colours``: histograms of object and background, (B, 2, 8, 8, 8).
    """

    alpha: Tensor | None = None
    rgb: Tensor | None = None
    colours: Tensor | None = None


class Down(nn.Module):
    """Half the size: four neighbours become channels, then mixing and a residual block."""

    def __init__(self, planes: int, width: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(4 * planes, width, 1, bias=False)
        self.norm = normalisation(width)
        self.block = Residual(width)

    def forward(self, planes: Tensor) -> Tensor:
        """(B, C, H, W) to (B, width, H/2, W/2)."""
        mixed = self.mix(functional.pixel_unshuffle(planes, 2))
        return torch.as_tensor(self.block(torch.relu(self.norm(mixed))))


class Up(nn.Module):
    """Twice the size, beside what the way down found there."""

    def __init__(self, below: int, width: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(below, 4 * width, 1)
        self.mix = nn.Conv2d(2 * width, width, 3, padding=1, bias=False)
        self.norm = normalisation(width)

    def forward(self, below: Tensor, beside: Tensor) -> Tensor:
        """(B, below, H, W) and (B, width, 2 H, 2 W) to (B, width, 2 H, 2 W)."""
        up = functional.pixel_shuffle(self.spread(below), 2)
        return torch.relu(self.norm(self.mix(torch.cat((up, beside), 1))))


class FlowUnet(nn.Module):
    """The network. One call is one frame; whoever calls keeps the state."""

    name: ClassVar[str] = "flow_unet"

    def __init__(self, shape: FlowUnetShape) -> None:
        super().__init__()
        self.shape = shape
        half, quarter, eighth, deep = shape.widths
        self.down_half = Down(PLANES_IN, half)
        self.down_quarter = Down(half, quarter)
        self.down_eighth = Down(quarter, eighth)
        self.down_deep = Down(eighth, deep)
        self.deepest = nn.Sequential(Residual(deep), Gate(deep))
        self.up_eighth = Up(deep, eighth)
        self.up_quarter = Up(eighth, quarter)
        self.up_half = Up(quarter, half)
        self.heads = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in (eighth, quarter, half))
        self.spread = nn.Conv2d(half, 4 * FINE, 1)
        self.tail = nn.Sequential(
            nn.Conv2d(FINE + PLANES_IN, FINE, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(FINE, 1, 3, padding=1),
        )
        for layer in (*self.heads, self.tail[-1]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def begin(self) -> FlowUnetState:
        """Return the state before a clip's first frame."""
        return FlowUnetState()

    def forward(
        self,
        rgb: Tensor,
        mask: Tensor | None,
        state: FlowUnetState,
        shown: Tensor | None = None,
    ) -> tuple[list[Tensor], FlowUnetState]:
        """Refine one frame.

        ``rgb``: (B, 3, H, W) in 0..1, sides multiples of 16. ``mask``: (B, 1, H, W) in 0..1, None
        on a frame without; ``shown`` (B, 1, 1, 1) bool hides it for some of a batch. Returns
        alphas at 1/8, 1/4, 1/2 and 1/1, not clamped, and the new state.
        """
        luma = rgb.mean(1, keepdim=True)
        hint = hint_of(luma, mask, shown)
        if state.alpha is None or state.rgb is None:
            before, trust = hint.given, torch.zeros_like(luma)
        else:
            before, trust = carried(state.alpha, state.rgb, rgb)
        seen = seen_of(rgb, luma, hint, before, trust, state.colours)
        alphas = self._corrected(seen)
        kept = alphas[-1].detach().float().clamp(0, 1)
        return alphas, FlowUnetState(kept, rgb, seen.colours)

    def _corrected(self, seen: Seen) -> list[Tensor]:
        half = self.down_half(seen.planes)
        quarter = self.down_quarter(half)
        eighth = self.down_eighth(quarter)
        deep = self.deepest(self.down_deep(eighth))
        eighth = self.up_eighth(deep, eighth)
        quarter = self.up_quarter(eighth, quarter)
        half = self.up_half(quarter, half)
        correction, alphas = None, []
        for planes, head, factor in zip(
            (eighth, quarter, half), self.heads, (8, 4, 2), strict=True
        ):
            more = head(planes)
            correction = more if correction is None else enlarged(correction) + more
            alphas.append(functional.avg_pool2d(seen.smooth, factor) + correction)
        fine = torch.relu(functional.pixel_shuffle(self.spread(half), 2))
        last = seen.smooth + enlarged(torch.as_tensor(correction))
        alphas.append(last + self.tail(torch.cat((fine, seen.planes), 1)))
        return alphas
