"""How much of a frame a mask will cover, told from its planning stack before anything is decoded.

The figures are those that decide whether a pasted object makes a useful sample, and they are
measured on the mask as it lies in the frame: fitted, scaled, shifted, cut off by the border.
A placement has no rotation, so that the covered share is an exactly weighted sum over the cells
of the stack; nothing is warped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import GrayStack
from datasets_app.domain.synthesis.geometry.placement import Placement
from datasets_app.domain.synthesis.geometry.window import FrameWindow, WindowShape
from matteweb.errors import Corrupt

Shares = NDArray[np.float64]
"""(N,) float64: covered share of each frame, 0..1."""

STILL_SHARE = 0.1
"""A pixel counts as held by the object when it is covered in more than this share of the time."""

_CACHED_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class MaskFigures:
    """Of a mask m in 0..1 over a window: ``mean`` over frames and pixels, ``max`` over frames of
    the frame's mean, ``stationary`` share of pixels whose mean over time exceeds 0.1."""

    mean: float
    max: float
    stationary: float


class MaskTrack:
    """Planning figures of one mask. Keeps a number per frame; the stack itself may be evicted."""

    def __init__(self, load: Callable[[], GrayStack], frames: int, name: str) -> None:
        """Read the stack once. Raises Corrupt when it has another number of frames."""
        self._load, self._name, self._frames = load, name, frames
        stack = self._read()
        self.coverage: Shares = stack.mean(axis=(1, 2), dtype=np.float64) / 255
        self._grid = stack.shape[1:]
        highest = stack.max(axis=0)
        self._rows, self._columns = _occupied(highest.max(axis=1)), _occupied(highest.max(axis=0))
        self.ever_covered = float((highest > 255 * STILL_SHARE).mean())
        _CROPS.put(self, self._crop(stack))

    def best_mean(self, shape: WindowShape) -> float:
        """Return the largest mean of ``coverage`` over the windows of that shape."""
        return float(self._windows(shape).mean(axis=1).max())

    def lowest_peak(self, shape: WindowShape) -> float:
        """Return the smallest maximum of ``coverage`` over the windows of that shape."""
        return float(self._windows(shape).max(axis=1).min())

    def measure(self, window: FrameWindow, placement: Placement) -> MaskFigures:
        """Return the figures over ``window``, in the frame of ``placement``."""
        crop = self._stack()[window.start : window.stop : window.step]
        rows, columns = self._weights(placement)
        cells = self._grid[0] * self._grid[1]
        shares = (crop.astype(np.float32) @ columns @ rows).astype(np.float64)
        shares *= placement.area / (255 * cells)
        still = crop.mean(axis=0, dtype=np.float32) > 255 * STILL_SHARE
        return MaskFigures(
            mean=float(shares.mean()),
            max=float(shares.max()),
            stationary=float(rows @ still @ columns) * placement.area / cells,
        )

    def _windows(self, shape: WindowShape) -> Shares:
        reach = self.coverage[: shape.starts - 1 + shape.span]
        windows = np.lib.stride_tricks.sliding_window_view(reach, shape.span)
        return windows[:, :: shape.step]

    def _weights(self, placement: Placement) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how much of each occupied row and column of cells stays in the frame, 0..1."""
        x0, y0, x1, y1 = placement.visible()
        height, width = self._grid
        return _overlap(self._rows, height, y0, y1), _overlap(self._columns, width, x0, x1)

    def _stack(self) -> GrayStack:
        held = _CROPS.get(self)
        if held is None:
            held = self._crop(self._read())
            _CROPS.put(self, held)
        return held

    def _crop(self, stack: GrayStack) -> GrayStack:
        return np.ascontiguousarray(stack[:, self._rows, self._columns])

    def _read(self) -> GrayStack:
        stack = self._load()
        if stack.ndim != 3 or len(stack) != self._frames:
            raise Corrupt(
                f"the planning pictures of mask {self._name} are {stack.shape}, "
                f"not {self._frames} small frames",
                hint="bring the mask in again",
            )
        return stack


class _CropCache:
    """Most recently used crops up to a number of bytes, so that no pool fills the memory."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._crops: OrderedDict[MaskTrack, GrayStack] = OrderedDict()
        self._lock = Lock()

    def get(self, track: MaskTrack) -> GrayStack | None:
        with self._lock:
            crop = self._crops.get(track)
            if crop is not None:
                self._crops.move_to_end(track)
            return crop

    def put(self, track: MaskTrack, crop: GrayStack) -> None:
        with self._lock:
            if track in self._crops:
                return
            self._crops[track] = crop
            self._held += crop.nbytes
            while self._held > self._limit and len(self._crops) > 1:
                _, oldest = self._crops.popitem(last=False)
                self._held -= oldest.nbytes


_CROPS = _CropCache(_CACHED_BYTES)


def _occupied(line: NDArray[np.uint8]) -> slice:
    """Return the range that holds all that is not 0; one cell where there is nothing."""
    found = np.flatnonzero(line)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 1)


def _overlap(cells: slice, count: int, first: float, last: float) -> NDArray[np.float32]:
    """Return for each of ``cells`` (of ``count`` over 0..1) the share within first..last."""
    edges = np.arange(cells.start, cells.stop + 1, dtype=np.float64)
    inside = np.clip(edges, first * count, last * count)
    weights: NDArray[np.float32] = np.diff(inside).astype(np.float32)
    return weights
