"""Stored numbers and the light that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.light import to_linear, to_stored

EVERY = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)


def test_every_stored_value_comes_back() -> None:
    assert np.array_equal(to_stored(to_linear(EVERY)), EVERY)


def test_the_curve_is_that_of_srgb() -> None:
    assert to_linear(EVERY)[0, 188, 0] == pytest.approx(0.5029, abs=1e-4)
    assert to_linear(EVERY)[0, 10, 0] == pytest.approx(10 / 255 / 12.92, rel=1e-5)
