"""dtSSD, against the formula written out in floating point."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.dtssd import Dtssd
from tests.datasets_app.domain.metrics.clips import run


def test_it_is_the_root_mean_square_of_the_difference_of_changes() -> None:
    rng = np.random.default_rng(2)
    alphas = rng.integers(0, 256, (4, 12, 17), np.uint8)
    truths = rng.integers(0, 256, (4, 12, 17), np.uint8)
    result = run(
        Dtssd(), [{"alpha": a, "alpha_truth": t} for a, t in zip(alphas, truths, strict=True)]
    )
    a, t = alphas / 255.0, truths / 255.0
    expected = [
        100 * np.sqrt((((a[n] - a[n - 1]) - (t[n] - t[n - 1])) ** 2).mean()) for n in range(1, 4)
    ]
    assert result.frames[0] is None
    assert result.frames[1:] == pytest.approx(tuple(expected))
    assert result.total == pytest.approx(np.mean(expected))


def test_an_alpha_that_is_always_off_by_the_same_does_not_flicker() -> None:
    truth = np.full((4, 5), 100, np.uint8)
    result = run(Dtssd(), [{"alpha": truth + 9, "alpha_truth": truth}] * 3)
    assert result.total == 0
