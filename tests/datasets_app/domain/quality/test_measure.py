"""Measuring: which metrics apply, stopping, and memory that does not grow with the clip."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.quality.measure import Measured, applicable, measure
from matteweb.errors import Cancelled
from tests.scenes import ellipse, texture

SIZE = FrameSize(64, 48)


def clip(frames: int) -> Iterator[dict[str, np.ndarray]]:
    """Yield a scene that goes left under an ellipse that goes right."""
    scene = texture(SIZE, 1)
    for number in range(frames):
        moved = np.roll(scene, -number, 1)
        across = 0.2 * np.sin(number / 9)
        yield {
            "rgb_full": moved,
            "rgb_removed": moved,
            "alpha": ellipse(SIZE, across=float(across)),
        }


def run(frames: int) -> list[Measured]:
    """Measure a clip of this length with all metrics."""
    return measure(
        METRICS,
        clip(frames),
        layers=("rgb_full", "rgb_removed", "alpha"),
        size=SIZE,
        fps=Fraction(24),
        progress=ignore_progress,
        should_stop=never_stop,
    )


def test_every_metric_has_one_number_or_none_per_frame() -> None:
    for one in run(9):
        assert len(one.result.frames) == 9, one.metric.info.slug
        numbers = [value for value in one.result.frames if value is not None]
        assert np.isfinite(numbers).all(), one.metric.info.slug
        for note in one.result.notes:
            assert note.last < 9


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_clips_of_hardly_any_frames_are_measured_too(frames: int) -> None:
    assert all(len(one.result.frames) == frames for one in run(frames))


def test_only_metrics_whose_layers_are_there_apply() -> None:
    of_a_mask = {one.info.slug for one in applicable(METRICS, ("rgb_full", "alpha"))}
    assert {"flicker", "coverage", "soft_share", "spill"} <= of_a_mask
    assert not of_a_mask & {"recomposition", "unexplained", "effect_left", "timing", "dtssd"}
    of_a_tuple = {one.info.slug for one in applicable(METRICS, ("rgb_full", "rgb_removed", "mask"))}
    assert {"unexplained", "effect_left", "timing"} <= of_a_tuple
    assert not of_a_tuple & {"soft_share", "recomposition"}


def test_measuring_stops_when_it_is_asked_to() -> None:
    with pytest.raises(Cancelled, match="frame 1"):
        measure(
            METRICS,
            clip(9),
            layers=("rgb_full", "alpha"),
            size=SIZE,
            fps=Fraction(24),
            progress=ignore_progress,
            should_stop=lambda: True,
        )


def test_memory_grows_by_a_few_kilobytes_per_frame_at_most() -> None:
    peaks = []
    for frames in (20, 50):
        tracemalloc.start()
        run(frames)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The maps of effect_left, whatever the size of the frames.
    assert (peaks[1] - peaks[0]) / 30 < 30_000
