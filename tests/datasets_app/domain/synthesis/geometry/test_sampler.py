"""Reading pixels of a placed picture."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.geometry.placement import Box, Placement, place
from datasets_app.domain.synthesis.geometry.sampler import Sampler
from tests.scenes import texture

SOURCE, FRAME = FrameSize(61, 47), FrameSize(64, 48)
PICTURE = texture(SOURCE, 1)


def landed(at: Placement, reach: int) -> Box:
    return at.landing(Box(0, 0, at.source.width, at.source.height), reach)


@given(
    scale=st.floats(0.2, 1),
    shift=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    data=st.data(),
)
def test_a_pixel_does_not_depend_on_the_part_that_was_asked_for(
    scale: float, shift: tuple[float, float], data: st.DataObject
) -> None:
    at = place(SOURCE, FRAME, scale=scale, shift_x=shift[0], shift_y=shift[1])
    sampler = Sampler(at)
    whole = landed(at, sampler.reach)
    left = data.draw(st.integers(whole.left, whole.right - 1))
    top = data.draw(st.integers(whole.top, whole.bottom - 1))
    right = data.draw(st.integers(left + 1, whole.right))
    bottom = data.draw(st.integers(top + 1, whole.bottom))
    part = sampler.sample(PICTURE, Box(left, top, right, bottom), cv2.BORDER_REPLICATE)
    everything = Sampler(at).sample(PICTURE, whole, cv2.BORDER_REPLICATE)
    inside = (
        slice(top - whole.top, bottom - whole.top),
        slice(left - whole.left, right - whole.left),
    )
    assert np.array_equal(part, everything[inside])


def test_a_picture_that_is_not_moved_comes_out_as_it_is() -> None:
    at = place(FRAME, FRAME, scale=1, shift_x=0, shift_y=0)
    picture = texture(FRAME, 2)
    assert np.array_equal(
        Sampler(at).sample(picture, Box(0, 0, 64, 48), cv2.BORDER_CONSTANT), picture
    )


def test_shrinking_does_not_alias() -> None:
    """Stripes finer than an output pixel become their mean, not a beat of wide stripes."""
    size = FrameSize(400, 40)
    stripes = np.zeros((40, 400), np.uint8)
    stripes[:, ::2] = 255
    at = place(size, size, scale=0.4, shift_x=0, shift_y=0)
    shown = Sampler(at).sample(stripes, Box(130, 14, 270, 26), cv2.BORDER_CONSTANT)
    assert shown.std() < 8
    assert abs(shown.mean() - 127.5) < 2


def test_beyond_a_mask_there_is_nothing_and_beyond_a_picture_its_last_colour() -> None:
    at = place(FRAME, FRAME, scale=0.5, shift_x=0, shift_y=0)
    white = np.full((48, 64), 255, np.uint8)
    sampler = Sampler(at, margin=4)
    beside = Box(10, 20, 13, 24)
    assert sampler.sample(white, beside, cv2.BORDER_CONSTANT).max() == 0
    assert sampler.sample(white, beside, cv2.BORDER_REPLICATE).min() == 255
