"""Every metric that applies to a clip, in one pass over its layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Metric, MetricResult
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.quality.derived import Deriver, is_known
from datasets_app.domain.quality.edge_crops import EdgeCropSearch
from matteweb.errors import Cancelled

Frame = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of one metric."""

    metric: Metric
    result: MetricResult


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
) -> list[Measured]:
    """Feed every frame to the metrics that apply, and the object to ``crops``; return the results.

    ``frames`` holds, frame by frame, a picture of ``size`` per name in ``layers``. Metrics see all
    layers that any of them needs. Memory: a few frames, and the numbers. Raises Cancelled.
    """
    given = tuple(layers)
    chosen = applicable(metrics, given)
    wanted = {layer for metric in chosen for layer in metric.needs}
    if is_known("object", given):
        wanted.add("object_small")
    deriver = Deriver(wanted, size)
    meters = [metric.start(size, fps) for metric in chosen]
    for number, frame in enumerate(frames, start=1):
        if should_stop():
            raise Cancelled(f"stopped at frame {number}")
        seen = deriver.add(frame)
        for meter in meters:
            meter.add(seen)
        if crops is not None and "object_small" in seen:
            crops.add(seen["object_small"])
        progress(number, None)
    return [Measured(metric, meter.finish()) for metric, meter in zip(chosen, meters, strict=True)]
