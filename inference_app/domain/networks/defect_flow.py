"""A small normalizing flow that knows how good places look, given where in the picture they are.

Affine coupling layers as in L. Dinh, J. Sohl-Dickstein, S. Bengio, "Density estimation using Real
NVP", 2017, with the soft clamp of M. Rudolph, B. Wandt, B. Rosenhahn, "Same Same But DifferNet",
2021; the place is told to every layer as sines. Our own layers.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference_app.domain.networks.defect_features import CELLS, WIDTH
from inference_app.domain.networks.tensor_file import read_tensors, write_tensors
from matteweb.errors import BadInput

CLAMP = 1.9
_WAVES = (1, 2)
PLACE = 4 * len(_WAVES)
KIND = "defect_flow"


@dataclass(frozen=True, slots=True)
class FlowShape:
    """``hidden``: width inside each coupling layer; the one to lower when memory is short."""

    width: int = WIDTH
    hidden: int = 64
    layers: int = 4


class Coupling(nn.Module):
    """Scales and shifts one half of the numbers by what the other half and the place say."""

    def __init__(self, width: int, hidden: int, order: Tensor) -> None:
        super().__init__()
        self.kept = width // 2
        self.register_buffer("order", order)
        self.inner = nn.Sequential(
            nn.Linear(self.kept + PLACE, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 2 * (width - self.kept)),
        )
        nn.init.zeros_(self.inner[-1].weight)  # type: ignore[arg-type]  # a linear layer's
        nn.init.zeros_(self.inner[-1].bias)  # type: ignore[arg-type]  # a linear layer's

    def forward(self, numbers: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """(N, width) to the same and the logarithm of the change of volume, (N,)."""
        numbers = numbers[:, torch.as_tensor(self.order)]
        kept, changed = numbers[:, : self.kept], numbers[:, self.kept :]
        scale, shift = self.inner(torch.cat((kept, place), 1)).chunk(2, 1)
        scale = CLAMP * 0.636 * torch.atan(scale)
        return torch.cat((kept, changed * scale.exp() + shift), 1), scale.sum(1)


class DefectFlow(nn.Module):
    """Good places become a standard normal; what does not fit becomes unlikely."""

    def __init__(self, shape: FlowShape) -> None:
        super().__init__()
        self.shape = shape
        rng = torch.Generator().manual_seed(20)
        orders = [torch.randperm(shape.width, generator=rng) for _ in range(shape.layers)]
        self.couplings = nn.ModuleList(
            Coupling(shape.width, shape.hidden, order) for order in orders
        )
        self.register_buffer("mean", torch.zeros(shape.width))
        self.register_buffer("deviation", torch.ones(shape.width))
        self.register_buffer("levels", torch.tensor([0.0, 1.0]))

    def surprise(self, numbers: Tensor, place: Tensor) -> Tensor:
        """Return how unlikely each place is, per number: (N,)."""
        standard = (numbers - torch.as_tensor(self.mean)) / torch.as_tensor(self.deviation)
        volume = torch.zeros(len(standard), device=standard.device)
        for coupling in self.couplings:
            standard, change = coupling(standard, place)
            volume = volume + change
        return torch.div(0.5 * standard.square().sum(1) - volume, self.shape.width)

    def heat(self, features: Tensor) -> Tensor:
        """Return (CELLS, CELLS) of one picture's features, 0 at the usual surprise of good ones and
        1 at its highest; more is possible."""
        usual, highest = torch.as_tensor(self.levels)
        found = self.surprise(features, places().to(features.device))
        return torch.div(found - usual, (highest - usual).clamp(min=1e-6)).view(CELLS, CELLS)


def places() -> Tensor:
    """Return (CELLS * CELLS, PLACE): where each place is."""
    at = (torch.arange(CELLS) + 0.5) / CELLS
    y, x = torch.meshgrid(at, at, indexing="ij")
    waves = [wave(math.pi * n * axis) for n in _WAVES for axis in (y, x) for wave in _SINES]
    return torch.stack([plane.flatten() for plane in waves], 1)


_SINES = (torch.sin, torch.cos)


def save_flow(path: Path, flow: DefectFlow, facts: dict[str, Any]) -> None:
    """Write it with its shape and ``facts``."""
    told = {"network": KIND, "shape": json.dumps(asdict(flow.shape)), "facts": json.dumps(facts)}
    write_tensors(path, dict(flow.state_dict()), told)


def load_flow(path: Path) -> tuple[DefectFlow, dict[str, Any]]:
    """Return a flow with its facts. Raises BadInput when the file is something else."""
    tensors, told = read_tensors(path)
    if told.get("network") != KIND:
        raise BadInput(
            f"{path.name} does not hold a good-or-defect model",
            hint="choose a file that `manage.py train_defects` wrote",
        )
    try:
        flow = DefectFlow(FlowShape(**json.loads(told["shape"])))
        flow.load_state_dict(tensors)
    except (RuntimeError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name} does not fit its own shape: {error}") from error
    return flow.eval(), dict(json.loads(told["facts"]))
