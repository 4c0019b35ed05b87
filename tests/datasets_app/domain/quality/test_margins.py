"""Margins: how far an outline stands off what was removed, and the frames in which it jumps."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.derived import signed_distance
from datasets_app.domain.quality.margins import margin_pulses, margins
from tests.datasets_app.domain.metrics.clips import disc


def frame(x: float, radius: int, removed: int = 14) -> dict[str, np.ndarray]:
    """Return a disc of ``removed`` px that is gone from a grey picture, and its mask's outline."""
    grey = np.full((64, 96, 3), 90, np.uint8)
    full = grey.copy()
    full[disc(x=x, radius=removed) > 0] = 200
    away = signed_distance(disc(x=x, radius=radius))
    return {"rgb_full_small": full, "rgb_removed_small": grey, "object_away": away}


@pytest.mark.parametrize("wider", [1, 2, 4])
def test_a_margin_is_by_how_much_wider_the_mask_is(wider: int) -> None:
    tight, wide = margins(frame(48, 16)), margins(frame(48, 16 + wider))
    assert tight is not None and wide is not None
    assert np.median(tight - wide) == pytest.approx(wider, abs=0.3)


def test_only_the_frame_whose_mask_is_wider_pulses_however_the_object_moves() -> None:
    course = [margins(frame(24 + 4 * n, 18 if n == 5 else 16)) for n in range(11)]
    pulses = margin_pulses(course)
    assert (pulses[0], pulses[-1]) == (None, None)
    assert pulses[5] == pytest.approx(2, abs=0.4)
    assert all(abs(pulses[n] or 0) < 0.3 for n in range(1, 10) if n != 5)


def test_where_nothing_was_removed_nothing_is_known() -> None:
    assert margins(frame(48, 14, removed=0)) is None
    assert margin_pulses([None, None, None]) == [None, None, None]
