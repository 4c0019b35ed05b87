"""A memory network in small, as somebody would export one: encoder, keys, values, a recurrent
state, a summary per object, a decoder; weights drawn at random, colours among the keys."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE, KEYS, VALUES, STATE = 4, 6, 5, 3


class TinyMemory(nn.Module):
    """Half of its keys are colours and one of its values is the mask, so that it follows colours;
    the rest is random, and everything that it keeps makes a difference."""

    def __init__(self) -> None:
        super().__init__()
        self.state_planes, self.stride, self.values = STATE, STRIDE, VALUES
        self.encoder = nn.Conv2d(3, 8, STRIDE, stride=STRIDE)
        self.key = nn.Conv2d(8, KEYS - 3, 1)
        self.counts = nn.Conv2d(8, 1, 1)
        self.minds = nn.Conv2d(8, KEYS, 1)
        self.value = nn.Conv2d(8 + 2 + STATE, VALUES - 1, 3, padding=1)
        self.update = nn.Conv2d(VALUES + STATE, STATE, 3, padding=1)
        self.head = nn.Conv2d(8 + VALUES + STATE + 4, STRIDE * STRIDE, 1)

    @torch.jit.export
    def look(self, picture: Tensor) -> list[Tensor]:
        seen = torch.relu(self.encoder(picture))
        colours = functional.avg_pool2d(picture, self.stride) * 20
        key = torch.cat([colours, self.key(seen)], 1)
        counts = 1 + 0.1 * torch.sigmoid(self.counts(seen))
        return [key, counts, 0.9 + 0.1 * torch.sigmoid(self.minds(seen)), seen]

    @torch.jit.export
    def remember(
        self, picture: Tensor, looked: list[Tensor], masks: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        own = functional.avg_pool2d(masks, self.stride)
        others = own.sum(0, keepdim=True) - own
        seen = looked[3].expand(own.shape[0], -1, -1, -1)
        more = torch.tanh(self.value(torch.cat([seen, own, others, state], 1)))
        values = torch.cat([own, more], 1)
        state = torch.tanh(self.update(torch.cat([values, state], 1)))
        weighed = (values * own).sum([2, 3])[:, None]
        return values, torch.cat([weighed, own.sum([2, 3])[:, None]], 2), state

    @torch.jit.export
    def decide(
        self, looked: list[Tensor], read: Tensor, summary: Tensor, state: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor]:
        count = summary[:, :, self.values :].clamp(min=1.0)
        mean = (summary[:, 0, 1 : self.values] / count[:, 0])[:, :, None, None]
        summaries = mean.expand(-1, -1, read.shape[2], read.shape[3])
        seen = looked[3].expand(read.shape[0], -1, -1, -1)
        state = torch.tanh(self.update(torch.cat([read, state], 1)))
        more = self.head(torch.cat([seen, read, state, summaries], 1))
        odds = functional.pixel_shuffle(0.5 * torch.tanh(more), self.stride)
        near = functional.interpolate(
            read[:, :1], scale_factor=float(self.stride), mode="bilinear", align_corners=False
        )
        odds = odds + 12 * (near - 0.5) + 0.2 * last
        return torch.softmax(torch.cat([torch.zeros_like(odds[:1]), odds], 0), 0)[1:, 0], state

    def forward(self, picture: Tensor) -> list[Tensor]:
        return self.look(picture)


def write_memory_network(folder: Path, **sizes: Any) -> None:
    """Write the network as an export, with ``sizes`` beside it, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(4)
    exported: Any = torch.jit.script(TinyMemory().eval())
    exported.save(str(folder / "network.pt"))
    write_sizes(folder, **sizes)


def write_sizes(folder: Path, **sizes: Any) -> None:
    """Write what belongs to the export in ``folder``; its digest unless another is given."""
    digest = hashlib.sha256((folder / "network.pt").read_bytes()).hexdigest()
    known = {"sha256": digest, "side": 64, "multiple": STRIDE, "every": 2, "kept": 3}
    (folder / "config.json").write_text(json.dumps(known | sizes))
