"""Memory networks behind the protocol of masks by hand: Cutie, XMem and their kind, exported.

An export is one TorchScript file, ``network.pt``, and a ``config.json`` beside it (`MemorySizes`).
The file is a program, so it runs only when ``config.json`` names its sha256. It has an integer
``state_planes`` and three methods, all without gradients, for K objects, pictures (1, 3, H, W) of
RGB in 0..1 and masks (K, 1, H, W) in 0..1, H and W multiples of ``multiple``:

- ``look(picture) -> list``: the key (1, C, h, w), how much each place counts in memory
  (1, 1, h, w), how much each plane of the key is minded (1, C, h, w), then whatever else it wants
  to see again.
- ``remember(picture, looked, masks, state) -> (values, summary, state)``: values (K, V, h, w), a
  summary per object that adds up over all that is remembered, and the state (K, S, h, w), which is
  zero at a reference; S is ``state_planes``.
- ``decide(looked, read, summary, state, last) -> (masks, state)``: from the values that were read
  (K, V, h, w) and the masks of the frame before to masks (K, H, W), together at most 1.

What is remembered is decided here: references for good, of the way the newest few frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.device import device_named
from inference_app.domain.interactive.chain import ChainFrame, steps_along
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import ScribbleSession
from inference_app.domain.interactive.spans import MOST_REFERENCES, LegTask, References, stacked
from inference_app.domain.model_folders import SIZES, ModelFolder

if TYPE_CHECKING:
    from inference_app.domain.networks.memory_net import MemoryNetwork

MEMORY_NETWORK: Final = ModelFolder(
    "memory-network",
    "a memory network",
    "that of the network",
    "Cutie (https://github.com/hkchengrex/Cutie) exported as the user guide says",
    files=("network.pt", SIZES),
    package="torch",
)


class MemoryNetworkEngine:
    """Marks are understood by the built-in engine, masks travel by the network's memory."""

    info = PluginInfo(
        "memory_network",
        "Memory network",
        "Cutie or another of its kind, exported; its weights are your own",
        version=1,
    )

    def unavailable(self) -> str:
        """Return which files belong where."""
        return MEMORY_NETWORK.lacks()

    def provenance(self) -> dict[str, str]:
        """Return the digest of the export that is there."""
        if MEMORY_NETWORK.lacks():
            return {}
        return {MEMORY_NETWORK.name: MEMORY_NETWORK.digest()}

    def cool(self) -> None:
        """Give the network back; a session that still has it keeps it."""
        _loaded.cache_clear()

    def open(self, pictures: Pictures, flow: FlowSource) -> MemoryNetworkSession:
        """Begin with a clip. Raises WeightsMissing, BadInput."""
        MEMORY_NETWORK.require()
        return MemoryNetworkSession(
            pictures, flow, _loaded(str(MEMORY_NETWORK.path), MEMORY_NETWORK.changed())
        )


class MemoryNetworkSession(ScribbleSession):
    """One clip being worked on: marks, references, spans and fusion as in the embedded engine.

    The network keeps nothing of a session, so that a session that comes back from its stored
    marks says the same.
    """

    slug = MemoryNetworkEngine.info.slug
    version = MemoryNetworkEngine.info.version

    def __init__(self, pictures: Pictures, flow: FlowSource, network: MemoryNetwork) -> None:
        super().__init__(pictures, flow)
        self._network = network

    def follow(self, task: LegTask, should_stop: ShouldStop) -> Iterator[ChainFrame]:
        """Follow the objects together, told the nearest references that show them all."""
        size = self.pictures.size
        trust = np.ones((size.height, size.width), np.float32)
        start, stop = task.leg.start, task.leg.stop
        track = self._network.track(size, len(task.objects))
        for frame in told_frames(self.references, task.objects, start):
            masks = stacked(self.references[frame], task.objects, trust.shape)
            track.refer(self.pictures[frame], masks)
        for _, frame in steps_along(start, stop, should_stop):
            found = track.at(self.pictures[frame])
            found /= np.maximum(found.sum(axis=0), 1)
            yield ChainFrame(frame, found, trust, tuple(_sure(mask) for mask in found))


def told_frames(references: References, objects: Sequence[int], start: int) -> list[int]:
    """Return the references nearest to ``start`` on which all ``objects`` were looked at, farthest
    first, so that the way begins at ``start``."""
    known = [frame for frame, masks in references.items() if all(n in masks for n in objects)]
    known.sort(key=lambda frame: (abs(frame - start), frame))
    return known[:MOST_REFERENCES][::-1]


def _sure(mask: SoftMask) -> float:
    """Return how far from one half the mask is where it says that the object is."""
    inside = mask[mask > 0.5]
    return float(2 * inside.mean() - 1) if len(inside) else 0.0


@lru_cache(maxsize=1)
def _loaded(folder: str, changed: tuple[int, ...]) -> MemoryNetwork:
    from inference_app.domain.networks.memory_net import MemoryNetwork

    return MemoryNetwork(MEMORY_NETWORK.path, device_named("auto"))
