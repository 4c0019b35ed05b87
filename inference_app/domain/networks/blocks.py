"""Building blocks that our networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS_PER_GROUP = 16


def normalisation(channels: int) -> nn.GroupNorm:
    """Return a group normalisation, which needs no batch."""
    return nn.GroupNorm(max(1, channels // CHANNELS_PER_GROUP), channels)


def enlarged(planes: Tensor) -> Tensor:
    """Return planes of twice the size."""
    return functional.interpolate(planes, scale_factor=2, mode="bilinear", align_corners=False)


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity; at the start it is the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = normalisation(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]  # it has one

    def forward(self, planes: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        return torch.add(planes, self.second(torch.relu(self.norm(self.first(planes)))))


class Gate(nn.Module):
    """Weighs each channel by what the whole picture holds (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 4)
        self.excite = nn.Linear(channels // 4, channels)

    def forward(self, planes: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        weights = self.excite(torch.relu(self.squeeze(planes.mean((-2, -1)))))
        return planes * torch.sigmoid(weights)[:, :, None, None]


class Memory(nn.Module):
    """A convolutional gated recurrent unit on the second half of the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kept = channels // 2
        half = channels - self.kept
        self.gates = nn.Conv2d(2 * half, 2 * half, 3, padding=1)
        self.candidate = nn.Conv2d(2 * half, half, 3, padding=1)

    def forward(self, planes: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) and the last state (B, C/2, H, W), None before the first frame."""
        passed, new = planes[:, : self.kept], planes[:, self.kept :]
        if state is None:
            state = torch.zeros_like(new)
        update, reset = torch.sigmoid(self.gates(torch.cat((new, state), 1))).chunk(2, 1)
        candidate = torch.tanh(self.candidate(torch.cat((new, reset * state), 1)))
        state = (1 - update) * state + update * candidate
        return torch.cat((passed, state), 1), state
