"""Keys by which squares of two frames are matched, learned: what is one object has one key.

A small network that sees squares of 4 pixels and what lies around them. Idea of a key that is
learned for matching alone: space-time correspondence networks, Cheng, Tai and Tang, 2021; the
network is our own.
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

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.device import threads_pinned
from inference_app.domain.interactive.matching import KeyOf
from inference_app.domain.interactive.planes import Field
from inference_app.domain.networks.blocks import Residual
from inference_app.domain.networks.tensor_file import Tensors, read_tensors, write_tensors
from matteweb.errors import BadInput

STRIDE = 4


@dataclass(frozen=True, slots=True)
class KeyShape:
    """``width``: channels; ``blocks``: residual blocks; ``keys``: numbers in a key."""

    width: int = 32
    blocks: int = 3
    keys: int = 24

    def as_json(self) -> dict[str, object]:
        """Return plain numbers, as a checkpoint keeps them."""
        return asdict(self)


class KeyNet(nn.Module):
    """The network. Pictures in 0..1, sides multiples of 4; keys of length 1."""

    name: ClassVar[str] = "key"

    def __init__(self, shape: KeyShape) -> None:
        super().__init__()
        self.shape = shape
        self.mix = nn.Conv2d(3 * STRIDE * STRIDE, shape.width, 1)
        self.blocks = nn.Sequential(*(Residual(shape.width) for _ in range(shape.blocks)))
        self.head = nn.Conv2d(shape.width, shape.keys, 1)
        # How steeply likeness falls with the angle between two keys; learned, used in training.
        self.sharp = nn.Parameter(torch.tensor(2.5))

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) to keys (B, C, H / 4, W / 4)."""
        seen = torch.relu(self.mix(functional.pixel_unshuffle(2 * pictures - 1, STRIDE)))
        return functional.normalize(self.head(self.blocks(seen)), dim=1)


def save_keys(path: Path, net: KeyNet, tensors: Tensors, facts: dict[str, str]) -> None:
    """Write weights with the shape of ``net`` and ``facts`` about its training."""
    about = {"network": KeyNet.name, "shape": json.dumps(net.shape.as_json())}
    write_tensors(path, tensors, about | facts)


def load_keys(path: Path) -> KeyNet:
    """Return the network of a file. Raises BadInput when it holds something else."""
    tensors, facts = read_tensors(path)
    if facts.get("network") != KeyNet.name or "shape" not in facts:
        raise BadInput(
            f"{path.name} does not hold learned keys",
            hint="choose a file that `manage.py train key` wrote",
        )
    try:
        net = KeyNet(KeyShape(**json.loads(facts["shape"])))
        net.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadInput(f"{path.name} does not fit its own shape: {error}") from error
    return net.eval()


def keys_of(path: Path) -> KeyOf:
    """Return what turns a picture into its keys. Raises as `load_keys`."""
    net = load_keys(path)

    def made(picture: RgbFrame) -> Field:
        height, width = picture.shape[:2]
        planes = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32) / 255
        padded = np.pad(planes, ((0, 0), (0, -height % STRIDE), (0, -width % STRIDE)), "edge")
        with threads_pinned(1), torch.inference_mode():
            keys = net(torch.from_numpy(padded)[None])[0]
        whole = keys[:, : max(1, height // STRIDE), : max(1, width // STRIDE)]
        return np.ascontiguousarray(whole.permute(1, 2, 0).numpy())

    return made
