"""Figures told from small masks are those of the mask that will be pasted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.baselines.object_paste import Move, measure, transformed_mask
from datasets_app.domain.media.frames import FrameSize, GrayStack
from datasets_app.domain.synthesis.geometry.placement import place
from datasets_app.domain.synthesis.geometry.window import FrameWindow, WindowShape
from datasets_app.domain.synthesis.sources import mask_track
from datasets_app.domain.synthesis.sources.mask_track import MaskTrack
from matteweb.errors import Corrupt
from tests.scenes import ellipse, planning

SIZE = FrameSize(320, 192)
MASKS = [ellipse(SIZE, cover=0.1, across=float(x)) for x in np.linspace(-0.45, 0.3, 8)]
STACK = planning(MASKS)
UNMOVED = place(SIZE, SIZE, scale=1, shift_x=0, shift_y=0)


def track(stack: GrayStack = STACK, load: Callable[[], GrayStack] | None = None) -> MaskTrack:
    return MaskTrack(load or (lambda: stack), len(stack), "a mask")


@given(
    scale=st.floats(0.4, 1),
    shift_x=st.floats(-0.2, 0.2),
    shift_y=st.floats(-0.2, 0.2),
    start=st.integers(0, 3),
)
def test_figures_are_those_of_the_mask_that_is_really_moved(
    scale: float, shift_x: float, shift_y: float, start: int
) -> None:
    window = FrameWindow(start, 2, 3)
    told = track().measure(window, place(SIZE, SIZE, scale=scale, shift_x=shift_x, shift_y=shift_y))
    pasted = np.stack(MASKS[window.start : window.stop : window.step])
    seen = measure(transformed_mask(pasted, Move(scale, shift_x, shift_y)))
    assert told.mean == pytest.approx(seen.mean, abs=0.002)
    assert told.max == pytest.approx(seen.max, abs=0.003)
    assert told.stationary == pytest.approx(seen.stationary, abs=0.02)


def test_what_leaves_the_frame_is_not_counted() -> None:
    left_half = np.zeros((2, 48, 96), np.uint8)
    left_half[:, :, :48] = 255
    at = place(SIZE, SIZE, scale=1, shift_x=-0.25, shift_y=0)
    assert track(left_half).measure(FrameWindow(0, 1, 2), at).mean == pytest.approx(0.25)


def test_a_pixel_rests_when_it_is_covered_in_more_than_a_tenth_of_the_time() -> None:
    stack = np.zeros((20, 10, 10), np.uint8)
    stack[:2, :5] = 255
    stack[:3, 5:7] = 255
    figures = track(stack).measure(FrameWindow(0, 1, 20), UNMOVED)
    assert figures.stationary == pytest.approx(0.2)
    assert figures.max == pytest.approx(0.7)


def test_an_empty_mask_measures_nothing() -> None:
    figures = track(np.zeros((4, 12, 16), np.uint8)).measure(FrameWindow(0, 1, 4), UNMOVED)
    assert (figures.mean, figures.max, figures.stationary) == (0, 0, 0)


def test_the_best_window_is_found() -> None:
    stack = np.zeros((6, 10, 10), np.uint8)
    stack[2:4] = 255
    shape = WindowShape(length=2, step=1, starts=5)
    assert track(stack).best_mean(shape) == pytest.approx(1)
    assert track(stack).lowest_peak(shape) == pytest.approx(0)


def test_a_stack_that_was_evicted_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []

    def load() -> GrayStack:
        reads.append(1)
        return STACK

    monkeypatch.setattr(mask_track, "_CROPS", mask_track._CropCache(STACK.nbytes // 2))
    first, second = track(load=load), track()
    window = FrameWindow(0, 1, 8)
    assert first.measure(window, UNMOVED) == second.measure(window, UNMOVED)
    assert len(reads) == 2


def test_the_cache_never_holds_more_than_its_limit_and_one_crop() -> None:
    cache = mask_track._CropCache(1000)
    tracks = [track() for _ in range(5)]
    for each in tracks:
        cache.put(each, np.zeros((1, 20, 20), np.uint8))
    held = [each for each in tracks if cache.get(each) is not None]
    assert held == tracks[-2:]


def test_a_stack_of_another_length_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="not 9 small frames"):
        MaskTrack(lambda: STACK, 9, "a mask")
