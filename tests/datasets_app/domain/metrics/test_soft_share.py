"""Soft share, against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.soft_share import SoftShare
from tests.datasets_app.domain.metrics.clips import run


def test_what_is_neither_clear_nor_opaque_is_counted_among_what_is_shown() -> None:
    alpha = np.random.default_rng(1).choice(np.array([0, 1, 77, 254, 255], np.uint8), (20, 30))
    shown = [int(value) for row in alpha for value in row if value > 0]
    soft = [value for value in shown if value < 255]
    empty = np.zeros_like(alpha)
    result = run(SoftShare(), [{"alpha": alpha}, {"alpha": empty}])
    assert result.frames[0] == pytest.approx(100 * len(soft) / len(shown))
    assert result.frames[1] is None
    assert result.total == result.frames[0]
