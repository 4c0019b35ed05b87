"""A recurrent matting network that goes up and down by wavelets and predicts alpha in them.

Every reduction of size is a wavelet analysis and every enlargement a synthesis, so that detail is
moved to channels and back and is never averaged away. The head gives a coarse alpha at 1/8 and
detail bands at 1/8, 1/4 and 1/2; a small tail at full size adds what bands cannot.

What it sees of a frame stands in `seen_planes`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from inference_app.domain.networks.blocks import Gate, Memory, Residual, enlarged, normalisation
from inference_app.domain.networks.seen_planes import PLANES_IN, hint_of, seen_of
from inference_app.domain.networks.wavelets import (
    WAVELETS,
    analysed_and_mixed,
    spread_and_synthesised,
)


@dataclass(frozen=True, slots=True)
class RefinerShape:
    """Channels at 1/2, 1/4, 1/8 and 1/16, and the wavelet (``wavelets.WAVELETS``)."""

    widths: tuple[int, int, int, int] = (16, 32, 48, 80)
    wavelet: str = "haar"

    def as_json(self) -> dict[str, object]:
        """Return plain lists and words, as a checkpoint keeps them."""
        return asdict(self)


SHAPES = {
    "light": RefinerShape(),
    "heavy": RefinerShape((32, 48, 80, 128)),
}


@dataclass(slots=True)
class RefinerState:
    """What the network remembers between frames, all None before the first.

    ``deep``, ``fine``: states at 1/16 and 1/8; ``alpha``, ``luma``: (B, 1, H, W) of the last frame;
    ``colours``: histograms of object and background, (B, 2, 8, 8, 8).
    """

    deep: Tensor | None = None
    fine: Tensor | None = None
    alpha: Tensor | None = None
    luma: Tensor | None = None
    colours: Tensor | None = None


class Encoder(nn.Module):
    """One step down: analysis, mixing, residual blocks."""

    def __init__(self, planes: int, width: int, kernel: int, blocks: int, wavelet: str) -> None:
        super().__init__()
        self.wavelet = WAVELETS[wavelet]
        self.mix = nn.Conv2d(4 * planes, width, kernel, padding=kernel // 2, bias=False)
        self.norm = normalisation(width)
        self.blocks = nn.Sequential(*(Residual(width) for _ in range(blocks)))

    def forward(self, planes: Tensor) -> Tensor:
        """(B, C, H, W) to (B, width, H/2, W/2)."""
        mixed = analysed_and_mixed(self.wavelet, planes, self.mix.weight)
        return torch.as_tensor(self.blocks(torch.relu(self.norm(mixed))))


class Decoder(nn.Module):
    """One step up: synthesis, the encoder's planes of that scale, one residual block."""

    def __init__(self, below: int, width: int, wavelet: str) -> None:
        super().__init__()
        self.wavelet = WAVELETS[wavelet]
        self.spread = nn.Conv2d(below, 4 * width, 1)
        self.mix = nn.Conv2d(2 * width, width, 3, padding=1, bias=False)
        self.norm = normalisation(width)
        self.block = Residual(width)

    def forward(self, below: Tensor, beside: Tensor) -> Tensor:
        """(B, below, H, W) and (B, width, 2 H, 2 W) to (B, width, 2 H, 2 W)."""
        up = spread_and_synthesised(self.wavelet, below, *parameters_of(self.spread))
        mixed = self.mix(torch.cat((up, beside), 1))
        return torch.as_tensor(self.block(torch.relu(self.norm(mixed))))


class AlphaHead(nn.Module):
    """Coarse alpha at 1/8 and details upwards; the last residual is made at full size."""

    def __init__(self, shape: RefinerShape) -> None:
        super().__init__()
        half, quarter, eighth, _ = shape.widths
        self.wavelet = WAVELETS[shape.wavelet]
        self.coarse = nn.Conv2d(eighth, 1, 1)
        self.bands = nn.ModuleList(nn.Conv2d(width, 3, 1) for width in (eighth, quarter, half))
        self.spread = nn.Conv2d(half, 4 * 12, 1)
        self.tail = nn.Sequential(
            nn.Conv2d(12 + 5, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 1, 3, padding=1)
        )
        for layer in (*self.bands, self.tail[-1]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: list[Tensor], rgb_and_mask: Tensor) -> list[Tensor]:
        """Features at 1/8, 1/4, 1/2 and (B, 4, H, W) to alphas at 1/8, 1/4, 1/2 and 1/1."""
        alphas = [torch.sigmoid(self.coarse(features[0]))]
        for planes, band in zip(features, self.bands, strict=True):
            details = torch.tanh(band(planes))
            bands = torch.cat((torch.zeros_like(details[:, :1]), details), 1)
            alphas.append(enlarged(alphas[-1]) + self.wavelet.synthesise(bands))
        fine = spread_and_synthesised(self.wavelet, features[-1], *parameters_of(self.spread))
        seen = torch.cat((torch.relu(fine), rgb_and_mask, alphas[-1]), 1)
        alphas[-1] = alphas[-1] + self.tail(seen)
        return alphas


def parameters_of(layer: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """Return weight and bias of a convolution that has both."""
    assert layer.bias is not None  # noqa: S101  # every layer asked for is made with one
    return layer.weight, layer.bias


class WaveletRefiner(nn.Module):
    """The network. One call is one frame; whoever calls keeps the state."""

    name: ClassVar[str] = "wavelet_refiner"

    def __init__(self, shape: RefinerShape) -> None:
        super().__init__()
        self.shape = shape
        half, quarter, eighth, deep = shape.widths
        name = shape.wavelet
        self.down_half = Encoder(PLANES_IN, half, 3, 1, name)
        self.down_quarter = Encoder(half, quarter, 1, 2, name)
        self.down_eighth = Encoder(quarter, eighth, 1, 2, name)
        self.down_deep = Encoder(eighth, deep, 1, 2, name)
        self.gate = Gate(deep)
        self.memory_deep = Memory(deep)
        self.up_eighth = Decoder(deep, eighth, name)
        self.memory_fine = Memory(eighth)
        self.up_quarter = Decoder(eighth, quarter, name)
        self.up_half = Decoder(quarter, half, name)
        self.head = AlphaHead(shape)

    def begin(self) -> RefinerState:
        """Return the state before a clip's first frame."""
        return RefinerState()

    def forward(
        self,
        rgb: Tensor,
        mask: Tensor | None,
        state: RefinerState,
        shown: Tensor | None = None,
    ) -> tuple[list[Tensor], RefinerState]:
        """Refine one frame.

        ``rgb``: (B, 3, H, W) in 0..1, sides multiples of 16. ``mask``: (B, 1, H, W) in 0..1, None
        on a frame without; ``shown`` (B, 1, 1, 1) bool hides it for some of a batch. Returns
        alphas at 1/8, 1/4, 1/2 and 1/1, not clamped, and the new state.
        """
        luma = rgb.mean(1, keepdim=True)
        hint = hint_of(luma, mask, shown)
        before = hint.given if state.alpha is None else state.alpha
        change = torch.zeros_like(luma) if state.luma is None else (luma - state.luma).abs()
        seen = seen_of(rgb, luma, hint, before, change, state.colours)
        half = self.down_half(seen.planes)
        quarter = self.down_quarter(half)
        eighth = self.down_eighth(quarter)
        deep, deep_state = self.memory_deep(self.gate(self.down_deep(eighth)), state.deep)
        eighth, fine_state = self.memory_fine(self.up_eighth(deep, eighth), state.fine)
        quarter = self.up_quarter(eighth, quarter)
        half = self.up_half(quarter, half)
        alphas = self.head([eighth, quarter, half], seen.planes[:, :4])
        kept = alphas[-1].detach().clamp(0, 1)
        return alphas, RefinerState(deep_state, fine_state, kept, luma, seen.colours)
