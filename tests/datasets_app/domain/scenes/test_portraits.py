"""Pictures of light of any range, as a screen can show them."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.scenes.portraits import tone_mapped


def around() -> np.ndarray:
    """A blue sky over brown earth, (8, 16, 3), and a sun of four thousand times their light."""
    light = np.empty((8, 16, 3), np.float32)
    light[:4], light[4:] = (0.3, 0.5, 1.0), (0.2, 0.12, 0.06)
    light[1, 3] = 4000.0
    return light


@pytest.mark.parametrize("brightness", [0.01, 1.0, 300.0])
def test_a_picture_of_light_looks_the_same_however_bright_it_was_stored(brightness: float) -> None:
    shown = tone_mapped(around() * np.float32(brightness)).astype(int)
    sky, earth = shown[0, 0], shown[-1, 0]
    assert np.abs(shown - tone_mapped(around())).max() <= 2
    assert (shown[1, 3] == 255).all()
    assert sky[2] > sky[0] + 40, "blue"
    assert earth[0] > earth[2] + 20, "brown"
    assert 60 < earth.mean() < sky.mean() < 235


def test_what_is_no_number_is_no_light() -> None:
    light = around()
    light[0, :3, 0] = np.nan, np.inf, -5
    shown = tone_mapped(light)
    assert shown.dtype == np.uint8
    assert np.abs(shown[4:].astype(int) - tone_mapped(around())[4:]).max() < 30
