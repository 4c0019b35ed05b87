"""Faults that are put into good samples, to see which reviewer finds them.

Each works on the layers of a rendered sample, frame by frame: ``rgb_full`` and ``rgb_removed`` are
(H, W, 3), ``mask`` (H, W) in {0 the object, 128, 255}, ``alpha`` (H, W) 0..255 where the sample has
one. Memory: one frame of each layer and the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import AnyFrame, GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo, Registry
from matteweb.errors import BadInput

Layers = dict[str, AnyFrame]
Plane = npt.NDArray[np.float32]
"""(H, W) float32, 0..1."""

OBJECT = 0
"""The value of a trimask where the object is that goes."""


@dataclass(frozen=True, slots=True)
class FaultSettings:
    """How strong a fault is, 0..1, and the seed of what is random about it."""

    strength: float
    seed: int


class Fault(Protocol):
    """One kind of fault; ``expected`` are the review reasons of which any names it."""

    @property
    def info(self) -> PluginInfo: ...

    @property
    def expected(self) -> tuple[str, ...]: ...

    def unavailable(self) -> str: ...

    def apply(self, frames: Iterator[Layers], settings: FaultSettings) -> Iterator[Layers]:
        """Yield as many frames, the fault put in; raises BadInput where it could not be seen."""
        ...


class _NeedsNothing:
    def unavailable(self) -> str:
        """Return "": arrays are all that is needed."""
        return ""


class Halo(_NeedsNothing):
    """A bright rim of the old background stays around the object."""

    info = PluginInfo("halo", "Halo", "A bright rim around the object", version=1)
    expected = ("halo", "spill")

    def apply(self, frames: Iterator[Layers], settings: FaultSettings) -> Iterator[Layers]:
        for layers in frames:
            full = layers["rgb_full"]
            width = _pixels(full, 0.006 + 0.010 * settings.strength)
            inside = object_of(layers)
            rim = cv2.GaussianBlur(_grown(inside, width), (0, 0), width / 2) * (1 - inside)
            share = (0.35 + 0.45 * settings.strength) * rim
            yield layers | {"rgb_full": blended(full, np.full_like(full, 235), share)}


class Flicker(_NeedsNothing):
    """On every few frames the object turns translucent and its matte with it."""

    info = PluginInfo("flicker", "Flicker", "The object flickers every few frames", version=1)
    expected = ("flicker", "hole")

    def apply(self, frames: Iterator[Layers], settings: FaultSettings) -> Iterator[Layers]:
        period = 3 + settings.seed % 4
        gone = 0.35 + 0.4 * settings.strength
        for number, layers in enumerate(frames):
            if number % period:
                yield layers
                continue
            changed: Layers = {
                "rgb_full": blended(
                    layers["rgb_full"], layers["rgb_removed"], object_of(layers) * gone
                )
            }
            if "alpha" in layers:
                changed["alpha"] = np.rint(layers["alpha"] * (1 - gone)).astype(np.uint8)
            yield layers | changed


class FrameShift(_NeedsNothing):
    """Mask and alpha lag one frame behind the picture."""

    info = PluginInfo("frame_shift", "One-frame shift", "The matte lags by a frame", version=1)
    expected = ("misaligned",)
    least_motion = 0.02
    """Share of the object that must change from frame to frame for anybody to see it."""

    def apply(self, frames: Iterator[Layers], settings: FaultSettings) -> Iterator[Layers]:
        before: Layers | None = None
        moved = area = 0.0
        for layers in frames:
            held: Layers = {n: layers[n] for n in ("mask", "alpha") if n in layers}
            yield layers | (before or held)
            if before is not None:
                inside = object_of(layers)
                moved += float(np.abs(inside - object_of(layers | before)).mean())
                area += float(inside.mean())
            before = held
        if moved < self.least_motion * area or not area:
            raise BadInput("the object hardly moves: a shift by one frame could not be seen")


class WrongMask(_NeedsNothing):
    """The mask is that of something else: it lies mirrored."""

    info = PluginInfo("wrong_mask", "Wrong mask", "The mask shows another place", version=1)
    expected = ("wrong_subject", "misaligned")
    most_overlap = 0.5

    def apply(self, frames: Iterator[Layers], settings: FaultSettings) -> Iterator[Layers]:
        shared = joined = 0.0
        for layers in frames:
            turned: Layers = {
                name: np.ascontiguousarray(layers[name][:, ::-1])
                for name in ("mask", "alpha")
                if name in layers
            }
            inside, wrong = object_of(layers), object_of(layers | turned)
            shared += float(np.minimum(inside, wrong).sum())
            joined += float(np.maximum(inside, wrong).sum())
            yield layers | turned
        if not joined or shared > self.most_overlap * joined:
            raise BadInput("the object stands in the middle: a mirrored mask could not be seen")


FAULTS: Registry[Fault] = Registry("fault", [Halo(), Flicker(), FrameShift(), WrongMask()])


def object_of(layers: Mapping[str, AnyFrame]) -> Plane:
    """Return how much of each pixel is the object, 0..1: by alpha, else by the trimask."""
    if "alpha" in layers:
        alpha: Plane = layers["alpha"].astype(np.float32) / np.float32(255)
        return alpha
    inside: Plane = (layers["mask"] == OBJECT).astype(np.float32)
    return inside


def blended(under: RgbFrame, over: RgbFrame, share: Plane) -> RgbFrame:
    """Return ``over`` laid on ``under`` at ``share`` 0..1 per pixel."""
    mixed = under + (over.astype(np.float32) - under) * share[..., None]
    whole: RgbFrame = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
    return whole


def _grown(inside: Plane, width: int) -> Plane:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    grown: Plane = cv2.dilate(inside, kernel)
    return grown


def _pixels(frame: RgbFrame | GrayFrame, share: float) -> int:
    longest: int = max(frame.shape[:2])
    return max(1, round(share * longest))
