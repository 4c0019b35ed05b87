"""Unexplained difference, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.unexplained import Unexplained
from tests.datasets_app.domain.metrics.clips import SIZE, disc, picture, run


def test_only_what_does_not_hang_together_with_the_object_counts() -> None:
    removed = picture() // 4
    alpha = disc(x=30)
    full = removed.copy()
    full[alpha > 0] += 150
    full[40:60, 26:34] += 100  # hangs together with the object: its shadow, say
    frame = {"rgb_full": full, "rgb_removed": removed, "alpha": alpha}
    assert run(Unexplained(), [frame]).frames == (0,)
    full[10:16, 80:90] += 100
    # Averaging over 3 x 3 pixels widens the block by one on each side.
    expected = 100 * (8 * 12) / (SIZE.width * SIZE.height)
    assert run(Unexplained(), [frame]).frames[0] == pytest.approx(expected)


def test_what_two_encodings_do_is_no_difference() -> None:
    removed = picture() // 2 + 20
    noise = np.random.default_rng(1).integers(0, 7, removed.shape, np.uint8)
    frame = {"rgb_full": removed + noise, "rgb_removed": removed, "alpha": disc()}
    assert run(Unexplained(), [frame]).frames == (0,)
