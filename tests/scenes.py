"""Small scenes on disk, and the pool that recipes draw from: textures and an ellipse that moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack, RgbFrame
from datasets_app.domain.media.mask_planning import planning_picture
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.recipes.base import (
    Pool,
    PoolBackground,
    PoolClip,
    PoolForeground,
    PoolMask,
)

SIZE = FrameSize(64, 48)
FRAMES = 20


def texture(size: FrameSize, seed: int) -> RgbFrame:
    """Return a picture with structure at every scale and every value from 0 to 255."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (size.height, size.width, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    full_range: RgbFrame = cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX)
    return full_range


def ellipse(size: FrameSize, *, cover: float = 0.25, across: float = 0.0) -> GrayFrame:
    """Return a {0, 255} mask that covers about ``cover`` of the frame, off centre by ``across``."""
    mask = np.zeros((size.height, size.width), np.uint8)
    reach = np.sqrt(cover / np.pi)
    axes = (round(size.width * reach), round(size.height * reach))
    centre = (round(size.width * (0.5 + across)), size.height // 2)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, cv2.FILLED)
    return mask


def planning(masks: list[GrayFrame]) -> GrayStack:
    """Return the planning stack of ``masks``."""
    return np.stack([planning_picture(mask) for mask in masks])


@dataclass
class Scenes:
    """A growing pool; ``sources`` says where each digest lies."""

    folder: Path
    clips: list[PoolClip] = field(default_factory=list)
    foregrounds: list[PoolForeground] = field(default_factory=list)
    backgrounds: list[PoolBackground] = field(default_factory=list)
    sources: dict[str, Path] = field(default_factory=dict)
    _made: Pool | None = None
    _have: tuple[object, ...] = ()

    @property
    def pool(self) -> Pool:
        """What is there so far; made once as long as nothing is added, as recipes hold it by
        identity."""
        have = (tuple(self.clips), tuple(self.foregrounds), tuple(self.backgrounds))
        if self._made is None or self._have != have:
            self._made, self._have = Pool(*have), have
        return self._made

    def add(
        self,
        name: str,
        *,
        size: FrameSize = SIZE,
        frames: int = FRAMES,
        fps: Fraction = Fraction(16),
        group: str = "",
        cover: float | None = 0.25,
        soft: bool = False,
    ) -> PoolClip:
        """Write a clip called ``name``, with a mask unless ``cover`` is None."""
        pictures = [np.roll(texture(size, len(self.clips)), number, 1) for number in range(frames)]
        masks = () if cover is None else (self._mask(name, size, frames, cover, soft),)
        digest = self._write(f"{name}-clip", pictures, size, fps)
        clip = PoolClip(
            id=len(self.clips) + 1,
            digest=digest,
            group=group or name,
            name=name,
            frames=frames,
            width=size.width,
            height=size.height,
            fps=fps,
            masks=masks,
            caption=f"the scene of {name}",
        )
        self.clips.append(clip)
        return clip

    def _mask(self, name: str, size: FrameSize, frames: int, cover: float, soft: bool) -> PoolMask:
        drift = np.linspace(-0.05, 0.05, frames)
        masks = [ellipse(size, cover=cover, across=float(step)) for step in drift]
        if soft:
            masks = [cv2.GaussianBlur(mask, (0, 0), 2) for mask in masks]
        stack = planning(masks)
        return PoolMask(
            id=100 + len(self.clips),
            digest=self._write(f"{name}-mask", masks, size, Fraction(16)),
            name="mask_00",
            frames=frames,
            width=size.width,
            height=size.height,
            soft=soft,
            load_small=lambda: stack,
        )

    def _write(self, digest: str, frames: list[RgbFrame], size: FrameSize, fps: Fraction) -> str:
        path = self.folder / f"{digest}.mkv"
        writer = RgbMasterWriter if frames[0].ndim == 3 else GrayMasterWriter
        with writer(path, size, fps) as out:
            for frame in frames:
                out.write(frame)
        self.sources[digest] = path
        return digest


def two_scenes(folder: Path) -> Scenes:
    """Return the smallest pool that everything can be made from: two scenes, both with masks."""
    scenes = Scenes(folder)
    scenes.add("camel")
    scenes.add("beach", fps=Fraction(30000, 1001))
    return scenes
