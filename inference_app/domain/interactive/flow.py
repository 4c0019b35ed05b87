"""Motion between neighbouring frames, made once per clip and kept on disk."""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import Field, Floats, SoftMask
from matteweb.errors import Cancelled

# DIS at its finest scale 1 knows no more than every second pixel; steps of 1/32 px are finer than
# its error.
_STEPS_PER_PIXEL = 32
_STRIDE = 2
_KEPT = 6


class FlowSource:
    """Flow of a clip: (H, W, 2) float32, pixels to the right and down.

    With a ``folder``, what is computed there once is read from then on, by any process; what it
    returns is the same with and without.
    """

    def __init__(self, pictures: Pictures, folder: Path | None = None) -> None:
        self._pictures, self._folder = pictures, folder
        self._kept: OrderedDict[tuple[int, int], Field] = OrderedDict()
        self._gray: OrderedDict[int, npt.NDArray[np.uint8]] = OrderedDict()
        self._dis: Any = None

    def between(self, start: int, end: int) -> Field:
        """Return where each pixel of frame ``start`` is in its neighbour ``end``."""
        key = (start, end)
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            size = self._pictures.size
            small = self._stored(start, end).astype(np.float32) / _STEPS_PER_PIXEL
            self._kept[key] = cast(Field, cv2.resize(small, (size.width, size.height)))
        self._kept.move_to_end(key)
        return self._kept[key]

    def prepare(self, start: int, end: int) -> None:
        """See to it that the pair lies on disk."""
        self._stored(start, end)

    def _stored(self, start: int, end: int) -> npt.NDArray[np.int16]:
        size = self._pictures.size
        shape = (max(1, size.height // _STRIDE), max(1, size.width // _STRIDE), 2)
        path = None if self._folder is None else self._folder / f"{start:06d}_{end:06d}.flow"
        if path is not None and path.is_file():
            # A pair is renamed into place when it is complete; one of another size is stale.
            raw = zlib.decompress(path.read_bytes())
            if len(raw) == 2 * shape[0] * shape[1] * shape[2]:
                return np.frombuffer(raw, np.int16).reshape(shape)
        flow = self._computed(start, end, shape)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(zlib.compress(flow.tobytes(), 1))
            part.replace(path)
        return flow

    def _computed(self, start: int, end: int, shape: tuple[int, ...]) -> npt.NDArray[np.int16]:
        if self._dis is None:
            cv2.setNumThreads(1)
            self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
            self._dis.setFinestScale(1)
        one, two = self._gray_of(start), self._gray_of(end)
        if min(one.shape) < 16:
            return np.zeros(shape, np.int16)  # smaller than the patches of the method
        flow = self._dis.calc(one, two, None)
        small = cv2.resize(flow, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
        steps = np.clip(np.round(small * _STEPS_PER_PIXEL), -32767, 32767)
        return cast("npt.NDArray[np.int16]", steps.astype(np.int16))

    def _gray_of(self, number: int) -> npt.NDArray[np.uint8]:
        if number not in self._gray:
            while len(self._gray) >= 3:
                self._gray.popitem(last=False)
            gray = cv2.cvtColor(self._pictures[number], cv2.COLOR_RGB2GRAY)
            self._gray[number] = cast("npt.NDArray[np.uint8]", gray)
        return self._gray[number]


def flow_prepare(
    pictures: Pictures, folder: Path, progress: Progress, should_stop: ShouldStop
) -> None:
    """Make the flow of a whole clip, both directions. Raises Cancelled between two frames."""
    source = FlowSource(pictures, folder)
    pairs = pictures.frames - 1
    for number in range(pairs):
        if should_stop():
            raise Cancelled("preparing the motion was stopped")
        source.prepare(number, number + 1)
        source.prepare(number + 1, number)
        progress(number + 1, pairs)


def warped(plane: Floats, flow: Field) -> Floats:
    """Return what lies in ``plane`` where ``flow`` points to."""
    height, width = flow.shape[:2]
    columns = flow[..., 0] + np.arange(width, dtype=np.float32)
    rows = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return cast(
        Floats,
        cv2.remap(plane, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
    )


def agreement(there: Field, back: Field) -> SoftMask:
    """Return 0..1: whether going ``there`` and then ``back`` ends where it began."""
    error = _lengths(there + warped(back, there))
    allowed = 0.5 + 0.1 * (_lengths(there) + 1)
    return cast(SoftMask, np.exp(-0.5 * (error / allowed) ** 2).astype(np.float32))


def _lengths(ways: Field) -> Floats:
    """Return (H, W); the same as a norm along the last axis, which numpy sums pixel by pixel."""
    across, down = ways[..., 0], ways[..., 1]
    return cast(Floats, np.sqrt(across * across + down * down))
