"""Two masks of one object into one: a small network that corrects their weighted mean.

It works at a quarter of the size, where sixteen neighbours are channels, and gives a correction
for every pixel; at first it is the mean. Idea: difference-aware fusion of Cheng, Tai and Tang,
Modular interactive video object segmentation; the network and what it is told are our own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference_app.domain.device import threads_pinned
from inference_app.domain.interactive.meetings import PLANES, Meeting
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.networks.blocks import Residual
from inference_app.domain.networks.tensor_file import Tensors, read_tensors, write_tensors
from matteweb.errors import BadInput

STRIDE = 4
_SUREST = 0.98


@dataclass(frozen=True, slots=True)
class FusionShape:
    """``width``: channels; ``blocks``: residual blocks of two 3x3 convolutions."""

    width: int = 32
    blocks: int = 3

    def as_json(self) -> dict[str, object]:
        """Return plain numbers, as a checkpoint keeps them."""
        return asdict(self)


class FusionNet(nn.Module):
    """The network. Planes as `Meeting.planes` has them, sides multiples of 4."""

    name: ClassVar[str] = "fusion"

    def __init__(self, shape: FusionShape) -> None:
        super().__init__()
        self.shape = shape
        cells = STRIDE * STRIDE
        self.mix = nn.Conv2d(PLANES * cells, shape.width, 1)
        self.blocks = nn.Sequential(*(Residual(shape.width) for _ in range(shape.blocks)))
        self.head = nn.Conv2d(shape.width, cells, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]  # it has one

    def forward(self, planes: Tensor) -> Tensor:
        """(B, 10, H, W) to log odds (B, 1, H, W)."""
        mean = planes[:, -1:].clamp(1 - _SUREST, _SUREST)
        found = torch.relu(self.mix(functional.pixel_unshuffle(planes, STRIDE)))
        more = functional.pixel_shuffle(self.head(self.blocks(found)), STRIDE)
        return torch.logit(mean) + more


class LearnedFusion:
    """A trained network as a `Settle`. ``aware``: it is told what a correction said."""

    def __init__(self, net: FusionNet, *, aware: bool) -> None:
        self._net, self._aware = net.eval(), aware

    def __call__(self, meeting: Meeting) -> SoftMask:
        """Return the mask; where nothing speaks for the object it is the mean."""
        result = meeting.mean.copy()
        window = meeting.window()
        if window is None:
            return result
        part = meeting.cut(window)
        planes = (part if self._aware else part.unaware()).planes()
        height, width = planes.shape[1:]
        padded = np.pad(planes, ((0, 0), (0, -height % STRIDE), (0, -width % STRIDE)), "edge")
        with threads_pinned(1), torch.inference_mode():
            odds = self._net(torch.from_numpy(padded)[None])
            sure = torch.sigmoid(odds)[0, 0, :height, :width].numpy()
        # What the network leaves alone keeps its exact value, 0 and 1 included.
        limited = np.clip(part.mean, 1 - _SUREST, _SUREST)
        result[window.slices] = np.clip(part.mean + sure - limited, 0, 1)
        return np.asarray(result, np.float32)


def save_fusion(path: Path, net: FusionNet, tensors: Tensors, facts: dict[str, str]) -> None:
    """Write weights with the shape of ``net``; ``facts``: stage, plan, whether it is aware."""
    about = {"network": FusionNet.name, "shape": json.dumps(net.shape.as_json())}
    write_tensors(path, tensors, about | facts)


def load_fusion(path: Path) -> tuple[FusionNet, dict[str, str]]:
    """Return the network of a file with its facts.

    Raises BadInput when the file is no safetensors file or holds something else.
    """
    tensors, facts = read_tensors(path)
    if facts.get("network") != FusionNet.name or "shape" not in facts:
        raise BadInput(
            f"{path.name} does not hold a fusion network",
            hint="choose a file that `manage.py train fusion` wrote",
        )
    try:
        net = FusionNet(FusionShape(**json.loads(facts["shape"])))
        net.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadInput(f"{path.name} does not fit its own shape: {error}") from error
    return net.eval(), facts


def fusion_of(path: Path) -> LearnedFusion:
    """Return the trained network of a file as a `Settle`. Raises as `load_fusion`."""
    net, facts = load_fusion(path)
    return LearnedFusion(net, aware=facts.get("aware") != "False")
