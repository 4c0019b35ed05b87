"""J, F and what the interactive DAVIS challenge makes of them: a curve over time and its area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.metrics.contour import contour_accuracy
from datasets_app.domain.metrics.jaccard import jaccard
from inference_app.domain.evaluation.robot import Labels

SECONDS_PER_OBJECT: Final = 30.0
AT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Scores:
    """J and F of one object on one frame, 0..1 each."""

    j: float
    f: float

    @property
    def jf(self) -> float:
        return (self.j + self.f) / 2


def scores(found: Labels, truth: Labels, objects: int) -> list[Scores]:
    """Return the scores of the objects 1..``objects`` on one frame."""
    return [
        Scores(
            jaccard(found == number, truth == number),
            contour_accuracy(found == number, truth == number),
        )
        for number in range(1, objects + 1)
    ]


@dataclass(frozen=True, slots=True)
class Round:
    """One interaction of one sample: how long it took and the mean score of all its frames."""

    seconds: float
    score: float


@dataclass(frozen=True, slots=True)
class Curve:
    """``times`` and ``values`` of the curve, its area over its length, and its value at 60 s."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    auc: float
    at_sixty: float


def curve_of(samples: Sequence[Sequence[Round]], rounds: int, seconds: float) -> Curve:
    """Return the curve of all ``samples`` up to ``seconds``.

    A sample that ended early repeats its last score at no cost; one without any counts 0. It
    begins at (0, 0), goes through the mean score at the mean cumulative time of each interaction,
    and holds the last value until ``seconds``. ``seconds`` is the mean number of objects times
    what one object was allowed.
    """
    if not samples:
        raise ValueError("there is no sample to average")
    filled = np.array([_filled(list(sample), rounds) for sample in samples])
    taken = filled[:, :, 0].mean(axis=0).cumsum()
    values = filled[:, :, 1].mean(axis=0)
    times = [0.0, *taken.tolist()]
    heights = [0.0, *values.tolist()]
    if times[-1] < seconds:
        times.append(seconds)
        heights.append(heights[-1])
    area = float(np.trapezoid(heights, times))
    return Curve(
        tuple(times),
        tuple(heights),
        area / times[-1] if times[-1] > 0 else heights[-1],
        float(np.interp(AT_SECONDS, times, heights)),
    )


def _filled(sample: list[Round], rounds: int) -> npt.NDArray[np.float64]:
    last = sample[-1].score if sample else 0.0
    rows = [(one.seconds, one.score) for one in sample[:rounds]]
    rows += [(0.0, last)] * (rounds - len(rows))
    return np.array(rows, np.float64)
