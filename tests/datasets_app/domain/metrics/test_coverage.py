"""Coverage, against counting by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.coverage import Coverage


def test_every_pixel_counts_by_its_opacity() -> None:
    meter = Coverage().start(FrameSize(8, 5), Fraction(24))
    alpha = np.zeros((5, 8), np.uint8)
    alpha[1:3, 2:6] = 255
    alpha[4, 0] = 51
    assert meter.add({"object": alpha}) == pytest.approx(100 * (8 + 51 / 255) / 40)
    assert meter.add({"object": np.zeros_like(alpha)}) == 0
    result = meter.finish()
    assert result.frames == pytest.approx((20.5, 0))
    assert result.total == pytest.approx(10.25)


@pytest.mark.parametrize(
    ("gap", "found"), [((), []), ((3,), [(3, 3)]), ((3, 4), [(3, 4)]), ((0, 1), []), ((8, 9), [])]
)
def test_an_object_that_is_gone_for_a_moment_is_named(
    gap: tuple[int, ...], found: list[tuple[int, int]]
) -> None:
    meter = Coverage().start(FrameSize(8, 4), Fraction(24))
    for number in range(10):
        meter.add({"object": np.full((4, 8), 0 if number in gap else 200, np.uint8)})
    notes = meter.finish().notes
    assert [(note.first, note.last) for note in notes] == found


@pytest.mark.parametrize(("there", "found"), [(False, []), (True, [(3, 4)])])
def test_what_was_not_removed_is_hidden_and_has_not_vanished(
    there: bool, found: list[tuple[int, int]]
) -> None:
    meter = Coverage().start(FrameSize(8, 4), Fraction(24))
    removed = np.full((4, 8, 3), 90, np.uint8)
    for number in range(10):
        gone = number in (3, 4)
        full = removed.copy()
        if there or not gone:
            full[1:3, 2:6] = 200
        alpha = np.full((4, 8), 0 if gone else 200, np.uint8)
        meter.add({"object": alpha, "rgb_full_small": full, "rgb_removed_small": removed})
    assert [(note.first, note.last) for note in meter.finish().notes] == found
