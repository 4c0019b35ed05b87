"""Matting methods on clips whose alpha is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Protocol, TypeAlias

import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.quality.alpha_errors import region_of, unit
from inference_app.domain.evaluation.published import published_table
from inference_app.domain.evaluation.tables import Table, interval_of
from inference_app.domain.predictors.base import LoadedPredictor, Shot
from inference_app.domain.training.painted import MattingClip
from inference_app.domain.trimaps import UNKNOWN
from matteweb.errors import Cancelled

FIGURES = (
    "mad", "mse", "sad", "mad_band", "mad_unknown", "mad_foreground", "grad", "conn", "dtssd",
    "messddt",
)  # fmt: skip

Method: TypeAlias = Callable[[MattingClip], Iterable[GrayFrame]]
"""Makes one alpha of 0..255 per frame of a clip."""

Values: TypeAlias = dict[str, float | None]
"""Figures of one frame; None where a metric says nothing of single frames."""


class Watch(Protocol):
    """Is told every frame that was measured."""

    def __call__(
        self, clip: int, method: str, frame: int, alpha: GrayFrame, values: Values
    ) -> None: ...


Hints: TypeAlias = Callable[[MattingClip, int], GrayFrame | None]
"""What a method is told on a frame of a clip."""


@dataclass(slots=True)
class Measured:
    """Figures per method, metric and clip, the clips whose object has strands, and how many pixels
    a frame of each has."""

    values: dict[str, dict[str, list[float | None]]] = field(default_factory=dict)
    stranded: list[bool] = field(default_factory=list)
    pixels: list[int] = field(default_factory=list)

    def table(self, title: str, *, stranded_only: bool = False) -> Table:
        """Return the means over the clips."""
        rows = {
            method: {
                name: interval_of([v for v, s in zip(values, self.stranded, strict=True) if s])
                if stranded_only
                else interval_of(values)
                for name, values in figures.items()
            }
            for method, figures in self.values.items()
        }
        return Table(title, FIGURES, rows)

    def published(self, title: str) -> Table:
        """Return the means in the scaling of MaGGIe."""
        return published_table(title, self.values, self.pixels)


def measure_methods(
    clips: Sequence[MattingClip] | Iterator[MattingClip],
    methods: Mapping[str, Method],
    *,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    watch: Callable[[MattingClip], Watch] | None = None,
) -> Measured:
    """Measure every method on every clip. Raises Cancelled between two of them.

    ``watch`` is asked once per clip for what is told of each of its frames.
    """
    found = Measured({name: {figure: [] for figure in FIGURES} for name in methods})
    for index, clip in enumerate(clips):
        found.stranded.append(clip.stranded)
        found.pixels.append(clip.alpha[0].size)
        told = watch(clip) if watch else None
        for name, method in methods.items():
            if should_stop():
                raise Cancelled(f"stopped at clip {index}")
            each = partial(told, index, name) if told else None
            for figure, value in measure_clip(clip, method(clip), each).items():
                found.values[name][figure].append(value)
        progress(index + 1, None)
    return found


def measure_clip(
    clip: MattingClip,
    alphas: Iterable[GrayFrame],
    each: Callable[[int, GrayFrame, Values], None] | None = None,
) -> Values:
    """Return each figure of one clip; ``each`` is told frame, alpha and that frame's figures."""
    size = FrameSize(clip.alpha.shape[2], clip.alpha.shape[1])
    meters = {name: METRICS[name].start(size, Fraction(24)) for name in FIGURES}
    for number, (alpha, truth) in enumerate(zip(alphas, clip.alpha, strict=True)):
        layers = {"alpha": alpha, "alpha_truth": truth}
        values = {name: meter.add(layers) for name, meter in meters.items()}
        if each:
            each(number, alpha, values)
    return {name: meter.finish().total for name, meter in meters.items()}


def mask_itself(clip: MattingClip) -> Iterator[GrayFrame]:
    """Return the guidance as it is: what every method is measured against."""
    return iter(clip.mask)


def predictor_method(runner: LoadedPredictor, hints: Hints) -> Method:
    """Return a method from a loaded predictor and what it is told."""

    def method(clip: MattingClip) -> Iterator[GrayFrame]:
        shots = (Shot(rgb, hints(clip, index)) for index, rgb in enumerate(clip.rgb))
        for prediction in runner.predict(shots, ignore_progress, never_stop):
            yield np.rint(prediction.layers["alpha"] * 255).astype(np.uint8)

    return method


def every_mask(clip: MattingClip, index: int) -> GrayFrame:
    """Tell the mask of each frame."""
    return np.asarray(clip.mask[index], np.uint8)


def first_mask(clip: MattingClip, index: int) -> GrayFrame | None:
    """Tell the first frame's mask alone."""
    return clip.mask[0] if index == 0 else None


def true_trimap(clip: MattingClip, index: int) -> GrayFrame:
    """Tell what nobody has: a trimap from the true alpha, unknown where that is soft."""
    truth = clip.alpha[index]
    trimap = np.where(truth > 127, 255, 0).astype(np.uint8)
    trimap[region_of(unit(truth), "band")] = UNKNOWN
    return trimap
