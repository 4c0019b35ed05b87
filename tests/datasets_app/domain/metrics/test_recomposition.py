"""Recomposition residual, against the composite in floating point."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.metrics.recomposition import Recomposition
from tests.datasets_app.domain.metrics.clips import disc, over, picture, places, run


def test_it_is_the_root_mean_square_over_the_object_alone() -> None:
    alpha = cv2.GaussianBlur(disc(), (0, 0), 2)
    colour, removed, full = picture(1), picture(2), picture(3)
    frame = {"rgb_full": full, "rgb_removed": removed, "alpha": alpha, "fgr": colour}
    share = alpha[..., None] / 255.0
    mixed = share * colour + (1 - share) * removed
    expected = np.sqrt(((full - mixed)[alpha > 0] ** 2).mean())
    value = run(Recomposition(), [frame]).frames[0]
    assert value == pytest.approx(expected, abs=0.05)


def test_rounding_is_no_finding_and_a_wrong_frame_is() -> None:
    alpha, colour, removed = cv2.GaussianBlur(disc(), (0, 0), 2), picture(1), picture(2)
    layers = {"rgb_removed": removed, "alpha": alpha, "fgr": colour}
    right = {**layers, "rgb_full": over(alpha, colour, removed)}
    wrong = {**right, "alpha": np.roll(alpha, 2, 1)}
    result = run(Recomposition(), [right, right, wrong, right])
    assert all(result.frames[n] == pytest.approx(0, abs=0.7) for n in (0, 1, 3))
    assert places(result.notes) == [(2, 2)]
