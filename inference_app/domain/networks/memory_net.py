"""Networks that follow objects by what they remember, as their owners export them to TorchScript.

The kind of STCN, XMem and Cutie: H. K. Cheng, S. W. Oh, B. Price, J.-Y. Lee, A. Schwing, "Putting
the object back into video object segmentation", 2024, and those before it. The network looks,
encodes and decides; what is remembered, and how it is read, is kept here, so that memory is bounded
whatever was exported. `interactive.memory_network` says what an export has to offer.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.interactive.planes import Floats
from inference_app.domain.model_folders import SIZES
from matteweb.errors import BadInput

PROGRAM: Final = "network.pt"
METHODS: Final = ("look", "remember", "decide")
# A key, how much it counts in memory, and what of it a question minds.
_KEY, _COUNTS, _MINDS = 0, 1, 2


class MemorySizes(BaseModel):
    """What ``config.json`` says beside an export.

    ``sha256``: of the export; another file is not run. ``side``: the shorter side at which it
    looks; both are stretched to multiples of ``multiple``. A frame in ``every`` is remembered on
    the way, the newest ``kept`` of them stay; a place is compared with the ``nearest`` places of
    memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    side: int = Field(480, ge=16, le=2160)
    multiple: int = Field(16, ge=1, le=128)
    every: int = Field(5, ge=1, le=1000)
    kept: int = Field(5, ge=1, le=64)
    nearest: int = Field(30, ge=1, le=1000)


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """One frame in memory. ``looked``: keys and how they count; ``values``: (K, V, h, w)."""

    key: Tensor
    counts: Tensor
    values: Tensor


class MemoryNetwork:
    """An export in memory; one thread at a time, others wait."""

    def __init__(self, folder: Path, device: Device) -> None:
        """Read the files in ``folder`` and try them on two gray frames.

        Raises BadInput when the digest is another, or the export does not do what it has to.
        """
        self.sizes = _sizes(folder)
        self._device, self._lock = device, threading.Lock()
        self._module = _exported(folder / PROGRAM, self.sizes.sha256, device)
        self._try(folder)

    def track(self, size: FrameSize, objects: int) -> MemoryTrack:
        """Begin to follow ``objects`` objects together, on frames of ``size``."""
        return MemoryTrack(self, size, objects)

    def fitted(self, size: FrameSize) -> tuple[int, int]:
        """Return rows and columns at which a frame of ``size`` is looked at."""
        scale = min(1.0, self.sizes.side / min(size.width, size.height))
        step = self.sizes.multiple
        rows, columns = (
            max(1, round(side * scale / step)) * step for side in (size.height, size.width)
        )
        return rows, columns

    def call(self, name: str, *given: Any) -> Any:
        """Ask one of ``METHODS``."""
        with self._lock, threads_pinned(self._device.threads), torch.inference_mode():
            return getattr(self._module, name)(*given)

    def tensor(self, planes: Floats) -> Tensor:
        """Return planes where the network is."""
        return torch.from_numpy(np.ascontiguousarray(planes, np.float32)).to(
            self._device.of_torch()
        )

    @property
    def state_planes(self) -> int:
        """How many planes an object's state has."""
        return int(self._module.state_planes)

    def _try(self, folder: Path) -> None:
        side = 3 * self.sizes.multiple
        gray = np.full((side, side, 3), 128, np.uint8)
        masks = np.zeros((2, side, side), np.float32)
        masks[0, : side // 2] = masks[1, side // 2 :] = 1
        track = self.track(FrameSize(side, side), 2)
        try:
            track.refer(gray, masks)
            found = track.at(gray)
        except (RuntimeError, ValueError, IndexError, TypeError, AttributeError) as error:
            last = str(error).strip().splitlines()[-1]
            raise BadInput(
                f"{PROGRAM} in {folder.name} does not do what a memory network has to: {last}",
                hint="the user guide says what look, remember and decide take and give",
            ) from error
        if not np.isfinite(found).all() or found.min() < 0 or found.max() > 1:
            raise BadInput(f"{PROGRAM} in {folder.name} gives masks that are not within 0..1")


class MemoryTrack:
    """Objects followed together through one direction. What it holds does not grow."""

    def __init__(self, network: MemoryNetwork, size: FrameSize, objects: int) -> None:
        self._network, self._size, self._objects = network, size, objects
        self._told: list[Remembered] = []
        self._recent: deque[Remembered] = deque(maxlen=network.sizes.kept)
        self._summary: Tensor | None = None
        self._state: Tensor | None = None
        self._last: Tensor | None = None
        self._steps = 0

    @property
    def held(self) -> int:
        """How many frames are remembered."""
        return len(self._told) + len(self._recent)

    def refer(self, picture: RgbFrame, masks: Floats) -> None:
        """Tell the masks (K, H, W) of a frame, which are never forgotten; the last one is where the
        way begins."""
        seen = self._seen(picture)
        planes = self._planes(masks)
        self._state = None
        self._told.append(self._remember(seen, self._looked(seen), planes))
        self._last = planes

    def at(self, picture: RgbFrame) -> Floats:
        """Return masks (K, H, W) in 0..1 of the next frame on the way."""
        assert self._last is not None  # noqa: S101  # told of a frame first
        seen = self._seen(picture)
        looked = self._looked(seen)
        read = read_memory(
            looked[_KEY], looked[_MINDS], [*self._told, *self._recent], self._network.sizes.nearest
        )
        masks, self._state = self._network.call(
            "decide", looked, read, self._summary, self._state, self._last
        )
        expected = (self._objects, *seen.shape[-2:])
        if tuple(masks.shape) != expected:
            raise ValueError(f"decide gives masks of {tuple(masks.shape)}, not of {expected}")
        self._last = masks[:, None]
        self._steps += 1
        if self._steps % self._network.sizes.every == 0:
            self._recent.append(self._remember(seen, looked, self._last))
        return self._enlarged(masks)

    def _seen(self, picture: RgbFrame) -> Tensor:
        rows, columns = self._network.fitted(self._size)
        small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
        return self._network.tensor(small.transpose(2, 0, 1)[None].astype(np.float32) / 255)

    def _looked(self, seen: Tensor) -> list[Tensor]:
        looked: list[Tensor] = self._network.call("look", seen)
        return looked

    def _planes(self, masks: Floats) -> Tensor:
        rows, columns = self._network.fitted(self._size)
        small = [cv2.resize(m, (columns, rows), interpolation=cv2.INTER_AREA) for m in masks]
        return self._network.tensor(np.stack(small)[:, None])

    def _remember(self, seen: Tensor, looked: list[Tensor], masks: Tensor) -> Remembered:
        key = looked[_KEY]
        if self._state is None:
            shape = (self._objects, self._network.state_planes, *key.shape[-2:])
            self._state = torch.zeros(shape, device=key.device)
        values, summary, self._state = self._network.call(
            "remember", seen, looked, masks, self._state
        )
        self._summary = summary if self._summary is None else self._summary + summary
        return Remembered(key, looked[_COUNTS], values)

    def _enlarged(self, masks: Tensor) -> Floats:
        size = (self._size.width, self._size.height)
        planes = masks.float().cpu().numpy()
        return np.stack([cv2.resize(p, size, interpolation=cv2.INTER_LINEAR) for p in planes])


def read_memory(key: Tensor, minds: Tensor, memory: Sequence[Remembered], nearest: int) -> Tensor:
    """Return (K, V, h, w): for each place the values of the ``nearest`` places of memory.

    Alike are places whose keys lie near one another, where each plane of the key matters as much as
    the asking place ``minds`` it, and each place of memory as much as it counts; the softmax goes
    over the nearest alone. Source: Cheng and Schwing, XMem, 2022, equations 2 to 4.
    """
    with torch.inference_mode():
        keys = torch.cat([one.key.flatten(2) for one in memory], 2)[0]
        counts = torch.cat([one.counts.flatten(2) for one in memory], 2)[0]
        values = torch.cat([one.values.flatten(2) for one in memory], 2)
        asked, minded = key.flatten(2)[0], minds.flatten(2)[0]
        apart = (
            (keys * keys).T @ minded
            - 2 * keys.T @ (asked * minded)
            + (asked * asked * minded).sum(0, keepdim=True)
        )
        alike = -apart * counts.T / sqrt(len(keys))
        best, places = alike.topk(min(nearest, alike.shape[0]), dim=0)
        shares = torch.zeros_like(alike).scatter_(0, places, best.softmax(0))
        read: Tensor = (values @ shares).reshape(*values.shape[:2], *key.shape[-2:])
        return read


def _sizes(folder: Path) -> MemorySizes:
    try:
        return MemorySizes.model_validate_json((folder / SIZES).read_bytes())
    except (OSError, ValidationError) as error:
        raise BadInput(
            f"{SIZES} in {folder.name} does not describe a memory network: {error}",
            hint=f'it says at least {{"sha256": "..."}}, the digest of {PROGRAM}',
        ) from error


def _exported(path: Path, digest: str, device: Device) -> Any:
    program = path.read_bytes()  # what is run is what was looked at, whatever becomes of the file
    found = hashlib.sha256(program).hexdigest()
    if found != digest:
        raise BadInput(
            f"{path.name} in {path.parent.name} is not the export that {SIZES} names: "
            f"its sha256 is {found}",
            hint="an export is a program: only one that somebody chose by its digest is run",
        )
    try:
        module: Any = torch.jit.load(  # type: ignore[no-untyped-call]  # torch's own
            io.BytesIO(program), map_location=device.of_torch()
        ).eval()
    except (RuntimeError, ValueError) as error:
        raise BadInput(
            f"{path.name} in {path.parent.name} is no TorchScript file",
            hint="export the network with torch.jit.script or torch.jit.trace_module",
        ) from error
    missing = [name for name in (*METHODS, "state_planes") if not hasattr(module, name)]
    if missing:
        raise BadInput(
            f"{path.name} in {path.parent.name} has no {', '.join(missing)}",
            hint="the user guide says what an export has to offer",
        )
    return module
