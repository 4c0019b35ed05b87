"""Edge disagreement: the share of the outline that has no edge beneath."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.edge_disagreement import EdgeDisagreement
from tests.datasets_app.domain.metrics.clips import run


def square() -> tuple[np.ndarray, np.ndarray]:
    """Return a 40 x 40 square as alpha, and a grey picture."""
    alpha = np.zeros((64, 96), np.uint8)
    alpha[12:52, 20:60] = 255
    return alpha, np.full((64, 96, 3), 90, np.uint8)


def test_an_outline_on_the_edges_of_the_picture_agrees() -> None:
    alpha, grey = square()
    grey[alpha > 0] = 180
    assert run(EdgeDisagreement(), [{"alpha": alpha, "rgb_full": grey}]).frames == (0,)


def test_an_outline_on_a_plain_picture_disagrees_everywhere() -> None:
    alpha, grey = square()
    assert run(EdgeDisagreement(), [{"alpha": alpha, "rgb_full": grey}]).frames == (100,)


def test_half_an_edge_is_half_a_disagreement() -> None:
    alpha, grey = square()
    grey[:, :40][alpha[:, :40] > 0] = 180
    grey[:, 40:] = 90 + np.arange(56, dtype=np.uint8)[:, None] // 56
    value = run(EdgeDisagreement(), [{"alpha": alpha, "rgb_full": grey}]).frames[0]
    assert value == pytest.approx(50, abs=4)


def test_there_is_no_value_without_an_outline() -> None:
    _, grey = square()
    empty = np.zeros((64, 96), np.uint8)
    assert run(EdgeDisagreement(), [{"alpha": empty, "rgb_full": grey}]).frames == (None,)
