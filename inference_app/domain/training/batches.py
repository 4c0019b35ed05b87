"""Batches by number: the same step of the same plan is the same batch, whoever asks and when."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Protocol, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.held_out import TRAINING_BANK
from inference_app.domain.training.painted import MattingClip, bank_of, painted_clip
from inference_app.domain.training.plan import Stage, TrainingPlan

AHEAD = 2  # batches per process that are made before they are asked for


class ClipSource(Protocol):
    """Where training clips come from. Sent to other processes, so it holds only plain values."""

    def clip(self, seed: int, index: int, frames: int, side: int) -> MattingClip:
        """Return clip ``index`` of ``seed``: ``frames`` frames of ``side`` squared."""
        ...


@dataclass(frozen=True, slots=True)
class Painted:
    """The generator, with a bank of ``sprites`` and ``textures``."""

    sprites: int
    textures: int

    def clip(self, seed: int, index: int, frames: int, side: int) -> MattingClip:
        """Paint one."""
        bank = bank_of(TRAINING_BANK, self.sprites, self.textures)
        return painted_clip(bank, seed, index, frames=frames, height=side, width=side)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Several sources, each drawn with its weight."""

    sources: tuple[tuple[ClipSource, float], ...]

    def clip(self, seed: int, index: int, frames: int, side: int) -> MattingClip:
        """Draw a source by the clip's number, then its clip."""
        weights = np.array([weight for _, weight in self.sources])
        rng = np.random.default_rng([seed, index, 1])
        pick = int(rng.choice(len(weights), p=weights / weights.sum()))
        return self.sources[pick][0].clip(seed, index, frames, side)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """``rgb`` (B, T, 3, H, W), ``alpha`` and ``mask`` (B, T, 1, H, W), all uint8.

    ``first_only`` (B,) bool: clips whose mask is hidden after the first frame.
    """

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]
    first_only: npt.NDArray[np.bool_]


Part: TypeAlias = tuple[int, int]
"""Which of how many processes: the first takes clips 0, n, 2 n ... of a batch."""
WHOLE: Part = (0, 1)


def make_batch(source: ClipSource, plan: TrainingPlan, step: int, part: Part = WHOLE) -> Batch:
    """Return the batch of ``step``, or a process's part of it."""
    stage = plan.stage_at(step)
    places = range(part[0], stage.batch, part[1])
    clips = [_clip(source, plan, stage, step, place) for place in places]
    rng = np.random.default_rng([plan.seed, step, 2])
    return Batch(
        np.stack([clip.rgb for clip in clips]).transpose(0, 1, 4, 2, 3),
        np.stack([clip.alpha for clip in clips])[:, :, None],
        np.stack([clip.mask for clip in clips])[:, :, None],
        rng.random(stage.batch)[places.start :: places.step] < plan.first_only,
    )


def batches(
    source: ClipSource, plan: TrainingPlan, start: int, processes: int, part: Part = WHOLE
) -> Iterator[tuple[int, Batch]]:
    """Yield the batches of steps ``start`` to the end; ``processes`` 0 makes them here."""
    if processes == 0:
        for step in range(start, plan.steps):
            yield step, make_batch(source, plan, step, part)
        return
    maker = partial(make_batch, source, plan, part=part)
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        coming = [
            pool.submit(maker, step)
            for step in range(start, min(plan.steps, start + AHEAD * processes))
        ]
        try:
            for step in range(start, plan.steps):
                batch = coming.pop(0).result()
                if (later := step + AHEAD * processes) < plan.steps:
                    coming.append(pool.submit(maker, later))
                yield step, batch
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _clip(
    source: ClipSource, plan: TrainingPlan, stage: Stage, step: int, place: int
) -> MattingClip:
    # 256 numbers per step, as many as a batch may hold: no two steps share a clip.
    return source.clip(plan.seed, step * 256 + place, stage.frames, stage.side)
