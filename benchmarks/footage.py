"""What both sides work on: the real clips when they lie beside the project, else generated ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack
from datasets_app.domain.media.mask_planning import planning_stack, read_planning_stack
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.recipes.base import Pool, PoolClip, PoolMask
from datasets_app.domain.recipes.object_paste import ObjectPaste, ObjectPasteParams, ObjectPastePlan
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.trimask import HALF
from tests import clips
from tests.scenes import Scenes

SIZE = FrameSize(640, 384)
FRAMES = 80
RATE = Fraction(16)
PAIR = ("davis_camel", "davis_kite-walk")


@dataclass(frozen=True, slots=True)
class Footage:
    """A pool, and where each digest lies."""

    name: str
    pool: Pool
    sources: dict[str, Path]

    def plan(self) -> ObjectPastePlan:
        """Return the sample that compositing and job are measured on: the first of root seed 0."""
        pair = tuple(clip for clip in self.pool if clip.name in PAIR)
        params = ObjectPasteParams(min_frames=FRAMES, max_frames=FRAMES)
        return plan_sample(ObjectPaste(), params, pair, root_seed=0, index=0).plan


def footage(folder: Path) -> Footage:
    """Return the footage; masks are first stored as an ingest stores them, lossless {0, 255}."""
    if not clips.ROOT.is_dir():
        scenes = Scenes(folder)
        for name in PAIR:
            scenes.add(name, size=SIZE, frames=FRAMES)
        return Footage("generated clips", scenes.pool, scenes.sources)
    sources: dict[str, Path] = {}
    found = [
        _real_clip(number, path.parent, folder, sources)
        for number, path in enumerate(sorted(clips.ROOT.glob("*/input_video.mp4")))
    ]
    return Footage("real clips", tuple(found), sources)


def store_mask(masks: Iterable[GrayFrame], path: Path, size: FrameSize) -> Path:
    """Write masks as an ingest does: lossless, {0, 255}."""
    with GrayMasterWriter(path, size, RATE) as out:
        for mask in masks:
            out.write(np.where(mask > HALF, 255, 0).astype(np.uint8))
    return path


def _real_clip(number: int, clip: Path, folder: Path, sources: dict[str, Path]) -> PoolClip:
    masks: list[PoolMask] = []
    for path in sorted(clip.glob("mask_*.mp4")):
        digest = f"{clip.name}-{path.stem}"
        sources[digest] = store_mask(read_gray(path), folder / f"{digest}.mkv", SIZE)
        frames = sum(1 for _ in read_gray(sources[digest]))
        stack = folder / f"{digest}.npz"
        stack.write_bytes(planning_stack(read_gray(sources[digest]), frames, SIZE))
        masks.append(_pool_mask(len(masks), digest, frames, stack))
    sources[clip.name] = clip / "input_video.mp4"
    return PoolClip(
        id=number,
        digest=clip.name,
        group=clip.name,
        name=clip.name,
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
