"""Which frames make a sample."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.synthesis.geometry.window import WindowRule, WindowShape


@pytest.mark.parametrize(
    ("frames", "every_nth", "max_stride", "shape"),
    [
        (80, 1, 4, WindowShape(length=80, step=1, starts=1)),
        (256, 1, 4, WindowShape(length=256, step=1, starts=1)),
        (300, 1, 4, WindowShape(length=256, step=1, starts=45)),
        (512, 1, 4, WindowShape(length=256, step=2, starts=2)),
        (600, 1, 4, WindowShape(length=256, step=2, starts=90)),
        (18_000, 1, 4, WindowShape(length=256, step=4, starts=16_980)),
        (18_000, 1, 1_000, WindowShape(length=256, step=70, starts=150)),
        (80, 2, 4, WindowShape(length=40, step=2, starts=2)),
        (1_200, 2, 4, WindowShape(length=256, step=4, starts=180)),
        (1, 1, 4, WindowShape(length=1, step=1, starts=1)),
    ],
)
def test_long_clips_are_thinned_and_windowed(
    frames: int, every_nth: int, max_stride: int, shape: WindowShape
) -> None:
    assert WindowRule(every_nth, 256, max_stride).shape(frames) == shape


@given(st.integers(1, 5000), st.integers(1, 9), st.integers(1, 300), st.integers(1, 9))
def test_every_window_lies_in_the_clip(frames: int, nth: int, most: int, stride: int) -> None:
    shape = WindowRule(nth, most, stride).shape(frames)
    assert 1 <= shape.length <= most
    assert shape.starts >= 1
    assert shape.at(shape.starts - 1).stop == frames
    assert shape.at(0).stop == shape.span
    assert shape.step % nth == 0
    assert shape.step <= nth * stride
