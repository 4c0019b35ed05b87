"""Top-k matching: what a square is, told by the squares of annotated frames that look most like it.

Only the nearest few are heard, since the many that look a little alike drown them. Idea: top-k
filtering of space-time memory, Cheng, Tai and Tang, Modular interactive video object segmentation;
what is compared here are features made by hand, or keys that a small network of ours learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.forest import Lesson
from inference_app.domain.interactive.planes import Field, Floats

KeyOf: TypeAlias = Callable[[RgbFrame], Field]
"""Turns a picture into learned keys, (h, w, C) float32, one per square of 4 pixels."""

_LEAST_DEVIATION: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """How squares are matched. ``share``: of the answer, the rest is the trees'.

    ``nearest``: so many are heard; ``most``: so many squares of each class are kept of all
    annotated frames together, which bounds time and memory; ``place``: how much the place in the
    object counts beside what it looks like; ``key``: learned keys instead of features made by hand.
    """

    share: float = 0.5
    nearest: int = 20
    most: int = 1000
    place: float = 1.0
    key: KeyOf | None = None


class Matcher:
    """The squares of annotated frames with what each is; see `Matching`."""

    def __init__(self, memory: Lesson, matching: Matching) -> None:
        """``memory``: samples (M, C + 2), the last two the place; labels 0 or 1."""
        self._matching = matching
        deviation = np.maximum(memory.samples.std(axis=0), _LEAST_DEVIATION)
        if matching.key is not None:
            deviation[:-2] = deviation[:-2].mean()  # what matters in a key was learned
        scale = 1 / deviation
        scale[-2:] *= matching.place * np.sqrt((len(scale) - 2) / 2) / 2
        self._scale = scale.astype(np.float32)
        self._squares = (memory.samples * self._scale).astype(np.float32)
        self._norms = (self._squares**2).sum(axis=1)
        self._labels = memory.labels.astype(np.float32)

    def __call__(self, samples: Floats) -> Floats:
        """Return how sure each of (N, C + 2) ``samples`` is the object, (N,) float32 in 0..1.

        The nearest count by a softmax of their squared distance over its mean among them.
        """
        asked = (samples * self._scale).astype(np.float32)
        apart = self._norms - 2 * (asked @ self._squares.T)
        heard = min(self._matching.nearest, apart.shape[1])
        places = np.argpartition(apart, heard - 1, axis=1)[:, :heard]
        near = np.take_along_axis(apart, places, axis=1)
        near += (asked**2).sum(axis=1, keepdims=True)
        near -= near.min(axis=1, keepdims=True)
        weights = np.exp(-near / np.maximum(near.mean(axis=1, keepdims=True), 1e-6))
        sure = (weights * self._labels[places]).sum(axis=1) / weights.sum(axis=1)
        return np.asarray(sure, np.float32)


def matcher_of(
    lessons: Sequence[Lesson], matching: Matching, rng: np.random.Generator
) -> Matcher | None:
    """Return what remembers ``lessons``, at most ``matching.most`` of each class; None without
    both classes."""
    if not lessons:
        return None
    samples = np.concatenate([lesson.samples for lesson in lessons], dtype=np.float32)
    labels = np.concatenate([lesson.labels for lesson in lessons], dtype=np.float32)
    kept = []
    for is_object in (True, False):
        ours = np.flatnonzero((labels > 0.5) == is_object)
        if not len(ours):
            return None
        kept.append(
            ours if len(ours) <= matching.most else rng.choice(ours, matching.most, replace=False)
        )
    chosen = np.concatenate(kept)
    return Matcher(Lesson(samples[chosen], labels[chosen]), matching)
