"""An alpha is drawn to where the colours say it lies, and left alone where they say nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inference_app.domain.colour_agreement import agreed, colour_guided, unmixed

Plane = npt.NDArray[np.float32]
RED, GREEN = np.array([200, 40, 30], np.float32), np.array([30, 160, 60], np.float32)


def strands(height: int = 64, width: int = 96) -> Plane:
    """Return the alpha of a solid half with thin strands that leave it."""
    alpha = np.zeros((height, width), np.float32)
    alpha[:, : width // 2] = 1
    alpha[4::8, width // 2 : width // 2 + 12] = 0.8
    return alpha


def picture(alpha: Plane, front: Plane = RED, back: Plane = GREEN) -> npt.NDArray[np.uint8]:
    mixed = alpha[..., None] * front + (1 - alpha[..., None]) * back
    return np.asarray(np.rint(mixed), np.uint8)


def colours_of(rgb: npt.NDArray[np.uint8]) -> Plane:
    return np.asarray(rgb / np.float32(255), np.float32)


def halo(alpha: Plane) -> Plane:
    """Return what a network makes of strands: a soft band."""
    soft = alpha.copy()
    middle = alpha.shape[1] // 2
    soft[:, middle : middle + 12] = 0.3
    return soft


def test_strands_come_out_of_a_halo_where_colours_tell_both_sides_apart() -> None:
    truth = strands()
    before = np.abs(halo(truth) - truth).mean()
    after = np.abs(agreed(picture(truth), halo(truth)) - truth).mean()
    assert after < 0.7 * before


def test_the_same_colour_on_both_sides_leaves_alpha_to_the_network() -> None:
    truth = strands()
    flat = colours_of(picture(truth, GREEN, GREEN))
    assert np.abs(unmixed(flat, halo(truth)) - halo(truth)).max() < 0.01


def test_a_colour_that_is_no_mixture_of_both_is_not_believed() -> None:
    truth = strands()
    odd = colours_of(picture(truth))
    odd[24:26, 52:54] = (0.1, 0.1, 0.95)
    found = unmixed(odd, halo(truth))
    assert np.abs(found - halo(truth))[24:26, 52:54].max() < 0.01


def test_solid_places_stay_solid_and_everything_stays_in_range() -> None:
    found = agreed(picture(strands()), strands())
    assert found.dtype == np.float32 and found.min() >= 0 and found.max() <= 1
    assert found[:, :30].min() > 0.99 and found[:, 75:].max() < 0.01


def test_the_filter_is_the_line_that_fits_each_window_best() -> None:
    # Where alpha is a linear function of the colours, the filter gives it back.
    rng = np.random.default_rng(2)
    colours = rng.random((40, 48, 3)).astype(np.float32)
    colours = np.repeat(np.repeat(colours[::4, ::4], 4, 0), 4, 1)
    alpha = np.asarray(0.2 + colours @ np.array([0.3, 0.2, 0.1], np.float32), np.float32)
    assert np.abs(colour_guided(colours, alpha) - alpha).max() < 0.02


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (33, 47)])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_tiny_and_even_planes_are_answered(shape: tuple[int, int], value: float) -> None:
    rgb = np.full((*shape, 3), 90, np.uint8)
    found = agreed(rgb, np.full(shape, value, np.float32))
    assert found.shape == shape and np.isfinite(found).all()
    assert np.abs(found - value).max() < 0.01
