"""Traces of a shadow: their slope is its depth, and only a shadow has them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.fault_pictures import shadow_of
from datasets_app.domain.quality.shadow_motion import ShadowMotion, Trace
from datasets_app.domain.quality.shadow_traces import fitting
from tests.datasets_app.domain.metrics.clips import disc
from tests.scenes import texture

SIZE = FrameSize(192, 112)
STILL = np.zeros((SIZE.height, SIZE.width, 2), np.float32)
FRAMES = 30


def traces(dark: float, shaded: range = range(FRAMES)) -> list[Trace]:
    """Return those of a disc that goes right over a scene that rests, with its shadow."""
    scene = cv2.cvtColor(texture(SIZE, 4) // 6 + 120, cv2.COLOR_RGB2GRAY)
    watch = ShadowMotion()
    for number in range(FRAMES):
        covered = disc(x=40 + 3 * number, y=40, radius=16, size=SIZE)
        shade = 1 - (dark if number in shaded else 0) * shadow_of(covered, (0.0, 0.0))
        luma = np.rint(scene * shade).astype(np.uint8)
        watch.add(number, luma, covered, STILL if number else None)
    return [watch.traces[number] for number in sorted(watch.traces)]


@pytest.mark.parametrize("dark", [0.25, 0.35])
def test_the_slope_is_the_depth_of_the_shadow_in_log_luma(dark: float) -> None:
    found = fitting(traces(dark))
    assert found is not None
    # 16 levels are added before the logarithm, shapes are blurred, and 0.5 is the most.
    assert found.depth == pytest.approx(-np.log(1 - dark), rel=0.3)
    assert (found.first, found.last) == (0, FRAMES - 2)


def test_the_run_is_that_of_the_frames_with_the_shadow() -> None:
    found = fitting(traces(0.5, range(10, 22)))
    assert found is not None
    assert abs(found.first + 1 - 10) <= 2  # a trace is counted from the second frame on
    assert abs(found.last + 1 - 21) <= 2


def test_a_clean_scene_and_a_light_have_none() -> None:
    assert fitting(traces(0.0)) is None
    assert fitting(traces(-0.4)) is None
    assert fitting(traces(0.5)[:5]) is None


def test_without_an_object_there_is_no_trace() -> None:
    watch = ShadowMotion()
    empty = np.zeros((SIZE.height, SIZE.width), np.uint8)
    for number in range(4):
        watch.add(number, empty + 90, empty, STILL if number else None)
    assert watch.traces == {}
