"""What both sides work on: the real clips when they lie beside the project, else generated ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack
from datasets_app.domain.media.mask_planning import planning_stack, read_planning_stack
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter, RgbDeliveryWriter
from datasets_app.domain.recipes.base import Pool, PoolClip, PoolMask
from datasets_app.domain.recipes.object_paste import ObjectPaste, ObjectPasteParams, ObjectPastePlan
from datasets_app.domain.synthesis.compositing.trimask import HALF
from datasets_app.domain.synthesis.planner import plan_sample
from tests import clips

SIZE = FrameSize(640, 384)
FRAMES = 80
RATE = Fraction(16)
REAL_PAIR = ("davis_camel", "davis_kite-walk")

_Files: TypeAlias = tuple[str, Path, list[Path]]
"""Name of a clip, its video, its masks."""


@dataclass(frozen=True, slots=True)
class Footage:
    """A pool, and where each digest lies. ``pair`` names the clips of the measured sample."""

    name: str
    pair: tuple[str, str]
    pool: Pool
    sources: dict[str, Path]

    def plan(self) -> ObjectPastePlan:
        """Return the sample that compositing and job are measured on: the first of root seed 0."""
        pair = Pool(clips=tuple(clip for clip in self.pool.clips if clip.name in self.pair))
        params = ObjectPasteParams(min_frames=FRAMES, max_frames=FRAMES)
        return plan_sample(ObjectPaste(), params, pair, root_seed=0, index=0).plan


def footage(folder: Path) -> Footage:
    """Return the footage; masks are first stored as an ingest stores them, lossless {0, 255}."""
    found = _real(clips.ROOT) if clips.ROOT.is_dir() else _painted(folder)
    sources: dict[str, Path] = {}
    made = tuple(
        _clip(number, name, video, masks, folder, sources)
        for number, (name, video, masks) in enumerate(found)
    )
    pool = Pool(clips=made)
    if clips.ROOT.is_dir():
        return Footage("real clips", REAL_PAIR, pool, sources)
    return Footage("painted clips", (made[0].name, made[1].name), pool, sources)


def _real(root: Path) -> list[_Files]:
    return [
        (video.parent.name, video, sorted(video.parent.glob("mask_*.mp4")))
        for video in sorted(root.glob("*/input_video.mp4"))
    ]


def _painted(folder: Path) -> list[_Files]:
    """Paint the demo scenes and store them as uploads: H.264 colour, a mask beside it."""
    found: list[_Files] = []
    for scene in demo_scenes():
        video, mask = folder / f"{scene.slug}.mp4", folder / f"{scene.slug}-alpha.mkv"
        with (
            RgbDeliveryWriter(video, SIZE, RATE) as rgb,
            GrayMasterWriter(mask, SIZE, RATE) as gray,
        ):
            for frame in demo_clip(scene.slug, size=SIZE, frames=FRAMES):
                rgb.write(frame.rgb)
                gray.write(frame.alpha)
        found.append((scene.slug, video, [mask]))
    return found


def store_mask(masks: Iterable[GrayFrame], path: Path, size: FrameSize) -> Path:
    """Write masks as an ingest does: lossless, {0, 255}."""
    with GrayMasterWriter(path, size, RATE) as out:
        for mask in masks:
            out.write(np.where(mask > HALF, 255, 0).astype(np.uint8))
    return path


def _clip(
    number: int,
    name: str,
    video: Path,
    mask_files: list[Path],
    folder: Path,
    sources: dict[str, Path],
) -> PoolClip:
    masks: list[PoolMask] = []
    for path in mask_files:
        digest = f"{name}-{path.stem}"
        sources[digest] = store_mask(read_gray(path), folder / f"{digest}-stored.mkv", SIZE)
        frames = sum(1 for _ in read_gray(sources[digest]))
        stack = folder / f"{digest}.npz"
        stack.write_bytes(planning_stack(read_gray(sources[digest]), frames, SIZE))
        masks.append(_pool_mask(len(masks), digest, frames, stack))
    sources[name] = video
    return PoolClip(
        id=number,
        digest=name,
        group=name,
        name=name,
        frames=min(mask.frames for mask in masks),
        width=SIZE.width,
        height=SIZE.height,
        fps=RATE,
        masks=tuple(masks),
        caption="",
    )


def _pool_mask(number: int, digest: str, frames: int, stack: Path) -> PoolMask:
    load: partial[GrayStack] = partial(read_planning_stack, stack)
    return PoolMask(
        id=number,
        digest=digest,
        name=digest,
        frames=frames,
        width=SIZE.width,
        height=SIZE.height,
        soft=False,
        load_small=load,
    )
