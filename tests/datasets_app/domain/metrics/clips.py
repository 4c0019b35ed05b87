"""Tiny clips with known answers, and how a metric is fed with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.metrics.base import LayerFrames, Metric, MetricResult, Note
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.quality.measure import measure
from tests.scenes import texture

SIZE = FrameSize(96, 64)


def run(metric: Metric, frames: Iterable[LayerFrames]) -> MetricResult:
    """Measure a clip with one metric, derived layers included."""
    clip = list(frames)
    height, width = next(iter(clip[0].values())).shape[:2]
    found = measure(
        [metric],
        iter(clip),
        layers=tuple(clip[0]),
        size=FrameSize(width, height),
        fps=Fraction(24),
        progress=ignore_progress,
        should_stop=never_stop,
    )
    assert [one.metric for one in found] == [metric]
    return found[0].result


def places(notes: Sequence[Note]) -> list[tuple[int, int]]:
    """Return first and last frame of each note."""
    return [(note.first, note.last) for note in notes]


def picture(seed: int = 1) -> RgbFrame:
    """Return a picture with structure everywhere."""
    return texture(SIZE, seed)


def disc(x: float = 48, y: float = 32, radius: int = 14, size: FrameSize = SIZE) -> GrayFrame:
    """Return a {0, 255} disc."""
    alpha = np.zeros((size.height, size.width), np.uint8)
    cv2.circle(alpha, (round(x), round(y)), radius, 255, cv2.FILLED)
    return alpha


def over(alpha: GrayFrame, colour: RgbFrame, removed: RgbFrame) -> RgbFrame:
    """Return the composite, rounded."""
    share = alpha[..., None] / 255
    return np.rint(share * colour + (1 - share) * removed).astype(np.uint8)
