"""Layers through a lens: nothing leaks, nothing is lost, everything recomposes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.light import to_linear, to_stored
from datasets_app.domain.synthesis.optics.lens import Aperture, Lens
from datasets_app.domain.synthesis.optics.lens_blur import Surface, focused, spread_light
from tests.scenes import texture

SIZE = FrameSize(96, 64)
NEAR, FAR = 0.8, 0.2
RAMP = np.repeat(np.linspace(0, 0.8, 64, dtype=np.float32)[:, None], 96, axis=1)


def lens(aperture: Aperture = "disc", strength: float = 15) -> Lens:
    return Lens(strength=strength, largest=12, tolerance=0.0, aperture=aperture)


def disc_alpha() -> np.ndarray:
    alpha = np.zeros((64, 96), np.uint8)
    cv2.circle(alpha, (48, 32), 18, 255, cv2.FILLED)
    soft = cv2.GaussianBlur(alpha, (0, 0), 1.0)
    return np.asarray(soft, np.float32) / np.float32(255)


def surface(light: np.ndarray, alpha: np.ndarray, depth: float | np.ndarray) -> Surface:
    return Surface(np.dstack([light * alpha[..., None], alpha]).astype(np.float32), depth)


def subject(depth: float | np.ndarray = NEAR, level: float | None = None) -> Surface:
    colour = to_linear(texture(SIZE, 1)) if level is None else np.full((64, 96, 3), level)
    return surface(colour, disc_alpha(), depth)


def backdrop(depth: float | np.ndarray = FAR, level: float | None = None) -> Surface:
    colour = to_linear(texture(SIZE, 2)) if level is None else np.full((64, 96, 3), level)
    return surface(colour, np.ones((64, 96), np.float32), depth)


def test_a_subject_in_focus_keeps_every_pixel() -> None:
    seen = focused(subject(), backdrop(), lens(), NEAR)
    solid = disc_alpha() == 1
    assert np.array_equal(seen.alpha, disc_alpha())
    assert np.array_equal(to_stored(seen.foreground)[solid], texture(SIZE, 1)[solid])


def test_a_background_in_focus_keeps_every_pixel() -> None:
    seen = focused(subject(), backdrop(), lens(), FAR)
    assert np.array_equal(to_stored(seen.background), texture(SIZE, 2))
    assert not np.array_equal(seen.alpha, disc_alpha())


def test_the_background_takes_no_light_from_the_subject() -> None:
    seen = focused(subject(level=1.0), backdrop(level=0.0), lens(), NEAR)
    assert seen.background.max() < 1e-6


def test_picking_from_blurred_copies_of_the_whole_picture_leaks_and_is_seen() -> None:
    """Every pixel picks, by its own depth, from copies of the composite that were blurred."""
    composite = disc_alpha()
    blurred = cv2.GaussianBlur(composite, (0, 0), 3)
    picked = np.where(disc_alpha() > 0.5, composite, blurred)
    outside = cv2.dilate((disc_alpha() > 0).astype(np.uint8), np.ones((5, 5))) == 0
    assert picked[outside].max() > 0.03
    seen = focused(subject(level=1.0), backdrop(level=0.0), lens(), NEAR)
    ours = seen.alpha[..., None] * seen.foreground + (1 - seen.alpha[..., None]) * seen.background
    assert ours[outside].max() < 1e-6


@pytest.mark.parametrize("aperture", ["disc", "gaussian"])
@pytest.mark.parametrize("diameter", [0.5, 3.0, 9.5, 26.0])
def test_an_even_picture_stays_even(aperture: Aperture, diameter: float) -> None:
    even = np.full((64, 96, 3), 0.37, np.float32)
    assert np.abs(spread_light(even, diameter, aperture) - 0.37).max() < 1e-5


def test_a_blur_that_cuts_off_fractions_darkens_and_is_seen() -> None:
    """The blur of bytes, its result cut to whole numbers, against light that is rounded once."""
    picture = texture(SIZE, 3)
    kernel = cv2.getGaussianKernel(21, 3)
    exact = cv2.sepFilter2D(picture.astype(np.float64), -1, kernel, kernel)
    first = np.floor(cv2.sepFilter2D(picture.astype(np.float64), -1, kernel, np.ones((1, 1))))
    cut = np.floor(cv2.sepFilter2D(first, -1, np.ones((1, 1)), kernel))
    assert (cut - exact).mean() < -0.8
    inner = (slice(16, -16), slice(16, -16))
    ours = np.rint(spread_light((picture / 255).astype(np.float32), 12.0, "gaussian") * 255)
    assert abs((ours - exact)[inner].mean()) < 0.02


@pytest.mark.parametrize("depth", [NEAR, np.fliplr(RAMP.T[:64, :64].repeat(2, axis=1)[:, :96])])
@pytest.mark.parametrize("behind", [FAR, RAMP])
@pytest.mark.parametrize("focus", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_light_is_neither_made_nor_lost(
    depth: float | np.ndarray, behind: float | np.ndarray, focus: float
) -> None:
    seen = focused(subject(depth, 0.5), backdrop(behind, 0.5), lens(), focus)
    share = seen.alpha[..., None]
    assert seen.alpha.min() >= 0
    assert seen.alpha.max() <= 1
    whole = share * seen.foreground + (1 - share) * seen.background
    assert np.abs(whole - 0.5).max() < 0.004


def test_inside_of_a_subject_that_is_deep_nothing_shines_through() -> None:
    deep = np.repeat(np.linspace(0.4, 0.9, 96, dtype=np.float32)[None], 64, axis=0)
    seen = focused(subject(deep), backdrop(), lens(strength=30), 0.9)
    inside = cv2.erode((disc_alpha() == 1).astype(np.uint8), np.ones((17, 17))) > 0
    assert inside.any()
    assert seen.alpha[inside].min() > 0.995


def test_a_background_that_is_nearer_covers_the_subject() -> None:
    seen = focused(subject(0.3), backdrop(0.9), lens(), 0.9)
    assert seen.alpha.max() < 1e-6


def test_slices_of_a_sloping_background_leave_no_lines() -> None:
    seen = focused(subject(), backdrop(RAMP, 0.5), lens(strength=25), 0.8)
    assert np.abs(seen.background - 0.5).max() < 1e-4


def test_twice_the_size_is_twice_the_circle() -> None:
    point = np.zeros((65, 65, 1), np.float32)
    point[32, 32] = 1
    small, large = (spread_light(point, size, "disc") for size in (8.0, 16.0))
    areas = [1 / float((spread**2).sum()) for spread in (small, large)]
    assert areas[1] / areas[0] == pytest.approx(4, rel=0.2)
    assert areas[0] == pytest.approx(np.pi * 16, rel=0.12)
