"""Fit, scale and shift of one clip's picture in another's frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.geometry.placement import Box, Placement, place

sizes = st.builds(FrameSize, st.integers(2, 4000), st.integers(2, 4000))
placements = st.builds(
    place,
    sizes,
    sizes,
    scale=st.floats(0.05, 1),
    shift_x=st.floats(-0.5, 0.5),
    shift_y=st.floats(-0.5, 0.5),
)


def test_a_clip_of_the_same_size_that_is_not_moved_stays_where_it_is() -> None:
    size = FrameSize(640, 384)
    assert place(size, size, scale=1, shift_x=0, shift_y=0) == Placement(size, size, 1, 0, 0)


def test_scaling_is_about_the_centre_and_shifting_by_shares_of_the_frame() -> None:
    size = FrameSize(640, 384)
    half = place(size, size, scale=0.5, shift_x=0.2, shift_y=-0.1)
    assert half.left == pytest.approx(160 + 128)
    assert half.top == pytest.approx(96 - 38.4)


def test_a_clip_of_another_shape_is_shown_whole_with_empty_bars() -> None:
    wide = place(FrameSize(1920, 800), FrameSize(640, 480), scale=1, shift_x=0, shift_y=0)
    assert wide.factor == pytest.approx(1 / 3)
    assert wide.left == pytest.approx(0)
    assert wide.top == pytest.approx((480 - 800 / 3) / 2)
    assert wide.visible() == (0, 0, 1, 1)


def test_what_is_shifted_out_of_the_frame_is_not_visible() -> None:
    size = FrameSize(100, 100)
    visible = place(size, size, scale=1, shift_x=0.2, shift_y=-0.1).visible()
    assert visible == pytest.approx((0, 0.1, 0.8, 1))


@given(placements)
def test_the_visible_part_lies_in_the_frame_and_its_area_is_no_larger(at: Placement) -> None:
    x0, y0, x1, y1 = at.visible()
    assert 0 <= x0 <= x1 <= 1
    assert 0 <= y0 <= y1 <= 1
    assert (x1 - x0) * (y1 - y0) * at.area <= 1 + 1e-9


@given(placements, st.data())
def test_a_landing_holds_the_box_and_stays_in_the_frame(at: Placement, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, at.source.width - 1))
    top = data.draw(st.integers(0, at.source.height - 1))
    right = data.draw(st.integers(left + 1, at.source.width))
    bottom = data.draw(st.integers(top + 1, at.source.height))
    landed = at.landing(Box(left, top, right, bottom), margin=0)
    assert landed.left >= 0
    assert landed.right <= at.frame.width
    if not landed.empty:
        assert landed.left <= max(0, at.factor * left + at.left)
        assert landed.bottom >= min(at.frame.height, at.factor * bottom + at.top)


def test_a_box_grows_up_to_the_frame() -> None:
    assert Box(2, 3, 6, 7).grown(4, FrameSize(8, 20)) == Box(0, 0, 8, 11)
