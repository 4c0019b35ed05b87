"""Sizes of frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.media.frames import FrameSize, delivery_size
from matteweb.errors import BadInput

sizes = st.builds(FrameSize, st.integers(1, 9000), st.integers(1, 9000))


@given(sizes, st.integers(1, 500))
def test_a_fitted_size_keeps_the_shape_and_never_grows(size: FrameSize, longest: int) -> None:
    small = size.fitted(longest)
    assert max(small.width, small.height) <= max(longest, 1)
    assert small.width <= size.width
    assert small.height <= size.height
    assert abs(small.width * size.height - small.height * size.width) <= max(
        size.width, size.height
    )


@given(sizes)
def test_a_delivery_loses_at_most_one_column_and_one_row(size: FrameSize) -> None:
    if size.width == 1 or size.height == 1:
        with pytest.raises(BadInput):
            delivery_size(size)
        return
    even = delivery_size(size)
    assert even.is_even
    assert 0 <= size.width - even.width <= 1
    assert 0 <= size.height - even.height <= 1


def test_a_size_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="no pixels"):
        FrameSize(0, 4)
