"""Flicker, boil and their band, against a search through every window."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.metrics.boil import Boil
from datasets_app.domain.metrics.flicker import Flicker
from tests.datasets_app.domain.metrics.clips import disc, over, picture, places, run


def band(alpha: GrayFrame) -> np.ndarray:
    """Return where a 9 x 9 window around the pixel holds both sides of the outline."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(alpha, 4, mode="edge"), (9, 9))
    return np.asarray((windows.max(axis=(2, 3)).astype(int) - windows.min(axis=(2, 3))) > 127)


@pytest.mark.parametrize("metric", [Flicker(), Boil()])
def test_on_a_resting_picture_it_is_the_mean_change_of_opacity_in_the_band(
    metric: Flicker | Boil,
) -> None:
    still, small, large = picture(), disc(radius=12), disc(radius=14)
    result = run(metric, [{"rgb_full": still, "alpha": one} for one in (small, small, large)])
    counted = band(small) | band(large)
    expected = 100 * (np.abs(large.astype(int) - small)[counted] / 255).mean()
    assert result.frames[:2] == (None, 0)
    assert result.frames[2] == pytest.approx(expected)


def test_an_outline_that_moves_with_the_picture_does_not_flicker() -> None:
    behind, front = picture(3), picture(4)
    frames = []
    for number in range(12):
        alpha = disc(x=30 + 2 * number)
        frames.append(
            {"rgb_full": over(alpha, np.roll(front, 2 * number, 1), behind), "alpha": alpha}
        )
    result = run(Flicker(), frames)
    assert result.notes == ()
    grown = cv2.dilate(frames[6]["alpha"], np.ones((7, 7), np.uint8))
    frames[6] = {**frames[6], "alpha": grown}
    assert places(run(Flicker(), frames).notes) == [(6, 7)]


def test_boil_says_nothing_where_the_picture_moves() -> None:
    frames = [
        {"rgb_full": np.roll(picture(), 3 * n, 1), "alpha": disc(x=30 + 3 * n)} for n in range(4)
    ]
    assert run(Boil(), frames).frames == (None,) * 4
