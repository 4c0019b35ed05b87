"""Every metric that applies to a clip, in one pass over its layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import cv2
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Metric, MetricResult, Place
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.quality.derived import Deriver, is_known
from datasets_app.domain.quality.edge_crops import EdgeCropSearch
from datasets_app.domain.synthesis.compositing.trimask import HALF
from matteweb.errors import Cancelled

Frame = Mapping[str, npt.NDArray[Any]]


_PICTURES: Final = ("rgb_full_small", "rgb_removed_small")

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the full-size frame."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of one metric."""

    metric: Metric
    result: MetricResult


class ObjectPlaces:
    """Remembers where the object was in each frame, four numbers a frame."""

    def __init__(self, size: FrameSize) -> None:
        self._size = size
        self._boxes: list[Box] = []

    def add(self, alpha: npt.NDArray[Any]) -> None:
        """Take the (h, w) small object of the next frame."""
        x, y, width, height = cv2.boundingRect(cv2.threshold(alpha, HALF, 1, cv2.THRESH_BINARY)[1])
        self._boxes.append((x, y, x + width, y + height) if width else (0, 0, 0, 0))
        self._small = alpha.shape[1], alpha.shape[0]

    def box(self, first: int, last: int, place: Place) -> Box | None:
        """Return what holds the object in frames ``first`` to ``last``; around it, half its size
        more on every side. None for the whole frame, and where there is no object."""
        seen = [box for box in self._boxes[first : last + 1] if box[2]]
        if place == "frame" or not seen:
            return None
        left, top = min(box[0] for box in seen), min(box[1] for box in seen)
        right, bottom = max(box[2] for box in seen), max(box[3] for box in seen)
        if place == "around":
            aside, above = (right - left) // 2, (bottom - top) // 2
            left, right, top, bottom = left - aside, right + aside, top - above, bottom + above
        across, down = self._size.width / self._small[0], self._size.height / self._small[1]
        x, y = max(0, floor(left * across)), max(0, floor(top * down))
        return (
            x,
            y,
            min(self._size.width, ceil(right * across)) - x,
            min(self._size.height, ceil(bottom * down)) - y,
        )


def applicable(metrics: Iterable[Metric], layers: Iterable[str]) -> list[Metric]:
    """Return those that can run here and whose layers are all among ``layers``, or derived."""
    given = tuple(layers)
    return [
        metric
        for metric in metrics
        if not metric.unavailable() and all(is_known(layer, given) for layer in metric.needs)
    ]


def measure(
    metrics: Iterable[Metric],
    frames: Iterator[Frame],
    *,
    layers: Iterable[str],
    size: FrameSize,
    fps: Fraction,
    progress: Progress,
    should_stop: ShouldStop,
    crops: EdgeCropSearch | None = None,
    places: ObjectPlaces | None = None,
) -> list[Measured]:
    """Feed every frame to the metrics that apply, and the object to ``crops`` and ``places``.

    ``frames`` holds, frame by frame, a picture of ``size`` per name in ``layers``. Metrics see all
    layers that any of them needs, and the small pictures. Memory: a few frames, and the numbers.
    Raises Cancelled.
    """
    given = tuple(layers)
    chosen = applicable(metrics, given)
    wanted = {layer for metric in chosen for layer in metric.needs}
    if is_known("object", given):
        wanted.add("object_small")
    # Some metrics tell more with them: what one finds must not hang on which others run.
    wanted.update(layer for layer in _PICTURES if is_known(layer, given))
    deriver = Deriver(wanted, size)
    meters = [metric.start(size, fps) for metric in chosen]
    for number, frame in enumerate(frames, start=1):
        if should_stop():
            raise Cancelled(f"stopped at frame {number}")
        seen = deriver.add(frame)
        for meter in meters:
            meter.add(seen)
        for taker in (crops, places):
            if taker is not None and "object_small" in seen:
                taker.add(seen["object_small"])
        progress(number, None)
    return [Measured(metric, meter.finish()) for metric, meter in zip(chosen, meters, strict=True)]
