"""Layers that are worked out once per frame for all metrics that ask for them.

``object``: what the clip calls its object. ``object_away``: (h, w) float32, px from its outline at
the small size, negative inside. ``<layer>_small``: that layer with a longer side of at
most `SMALL` pixels, area-averaged: what is a matter of regions, motion or outlines is measured
there, what is a matter of single values at full size. ``flow``: (h, w, 2) float32 at the small
size, in its pixels: the content of (x, y) in this frame of ``rgb_full`` was at (x, y) + flow in
the frame before; missing in the first frame. ``flow_removed`` is the same of ``rgb_removed``.
``<layer>_moved``: that small layer of the frame before, laid over this frame by ``flow``, by
``flow_removed`` for rgb_removed; missing in the first frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import AnyFrame, FrameSize, GrayFrame, frame_size
from datasets_app.domain.synthesis.compositing.trimask import HALF, REMOVE, snap

SMALL: Final = 480
"""Longer side in pixels at which outlines and motion are measured."""

Array: TypeAlias = npt.NDArray[Any]
Flow: TypeAlias = npt.NDArray[np.float32]

AWAY: Final = "object_away"

_SMALL_SUFFIX = "_small"
_FLOW_OF = {"flow": "rgb_full_small", "flow_removed": "rgb_removed_small"}
_MOVED_SUFFIX = "_moved"
_MOVED_BY = {"rgb_removed": "flow_removed"}
_OBJECT_FROM = ("alpha", "mask")


def is_known(layer: str, given: Iterable[str]) -> bool:
    """Return whether ``layer`` is among those that are ``given`` or can be derived from them."""
    there = set(given)
    if layer == AWAY:
        return is_known("object", there)
    if layer in _FLOW_OF:
        return is_known(_FLOW_OF[layer], there)
    if layer.endswith(_MOVED_SUFFIX):
        base = layer.removesuffix(_MOVED_SUFFIX)
        flow = _MOVED_BY.get(base, "flow")
        return is_known(base + _SMALL_SUFFIX, there) and is_known(flow, there)
    base = layer.removesuffix(_SMALL_SUFFIX)
    return base in there or (base == "object" and not there.isdisjoint(_OBJECT_FROM))


def signed_distance(covered: Array) -> Flow:
    """Return (H, W) float32: px to the outline of a (H, W) object, negative inside of it."""
    solid = (covered > HALF).astype(np.uint8)
    outside, inside = (cv2.distanceTransform(one, cv2.DIST_L2, 5) for one in (1 - solid, solid))
    return np.asarray(outside - inside, np.float32)


def warped(picture: Array, flow: Flow) -> Array:
    """Return the frame before, (H, W) or (H, W, C), laid over this one by its ``flow``."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height))
    where = np.dstack([columns + flow[..., 0], rows.astype(np.float32) + flow[..., 1]])
    moved: Array = cv2.remap(
        picture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return moved


def largest_difference(one: Array, other: Array) -> Array:
    """Return (H, W) uint8: the difference of two (H, W, 3) pictures in the channel that differs
    most."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    most: Array = cv2.max(cv2.max(red, green), blue)
    return most


def small(frame: AnyFrame, size: FrameSize) -> Array:
    """Return ``frame`` area-averaged to ``size``, or itself when it has that size."""
    if frame_size(frame) == size:
        return frame
    smaller: Array = cv2.resize(frame, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return smaller


def object_of(frame: Mapping[str, Array]) -> GrayFrame:
    """Return the object of one frame: its alpha, else white where its mask removes."""
    if "alpha" in frame:
        return frame["alpha"]
    removed: GrayFrame = np.where(snap(frame["mask"]) == REMOVE, 255, 0).astype(np.uint8)
    return removed


class Deriver:
    """Adds the derived layers among ``wanted`` to frame after frame of one clip."""

    def __init__(self, wanted: Iterable[str], size: FrameSize) -> None:
        self._wanted = sorted(set(wanted))
        self._small = size.fitted(SMALL)
        self._before: dict[str, Array] = {}
        self._flow: Callable[..., Flow] = cv2.DISOpticalFlow.create(
            cv2.DISOpticalFlow_PRESET_FAST
        ).calc

    def add(self, frame: Mapping[str, Array]) -> dict[str, Array]:
        """Return ``frame`` with the wanted layers that can be made from it."""
        full = dict(frame)
        for layer in self._wanted:
            self._make(layer, full)
        return full

    def _make(self, layer: str, full: dict[str, Array]) -> None:
        if layer in full:
            return
        if layer in _FLOW_OF:
            self._make_flow(layer, full)
        elif layer.endswith(_MOVED_SUFFIX):
            self._make_moved(layer, full)
        elif layer.endswith(_SMALL_SUFFIX):
            base = layer.removesuffix(_SMALL_SUFFIX)
            self._make(base, full)
            full[layer] = small(full[base], self._small)
        elif layer == AWAY:
            self._make("object_small", full)
            full[layer] = signed_distance(full["object_small"])
        elif layer == "object":
            full[layer] = object_of(full)

    def _make_moved(self, layer: str, full: dict[str, Array]) -> None:
        base = layer.removesuffix(_MOVED_SUFFIX)
        flow = _MOVED_BY.get(base, "flow")
        for needed in (base + _SMALL_SUFFIX, flow):
            self._make(needed, full)
        before = self._before.get(layer)
        if before is not None and flow in full:
            full[layer] = warped(before, full[flow])
        self._before[layer] = full[base + _SMALL_SUFFIX]

    def _make_flow(self, layer: str, full: dict[str, Array]) -> None:
        picture = _FLOW_OF[layer]
        self._make(picture, full)
        gray = cv2.cvtColor(full[picture], cv2.COLOR_RGB2GRAY)
        before = self._before.get(layer)
        if before is not None:
            full[layer] = self._flow(gray, before, None)
        self._before[layer] = gray
