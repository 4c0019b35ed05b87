"""Foreground estimation against known colours."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.synthesis.compositing.compositor import blend
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from tests.scenes import ellipse

SIZE = FrameSize(160, 120)
MATTE = cv2.GaussianBlur(ellipse(SIZE), (0, 0), 3)


def plain(*colour: int) -> RgbFrame:
    picture: RgbFrame = np.empty((SIZE.height, SIZE.width, 3), np.uint8)
    picture[:] = colour
    noise = np.random.default_rng(1).integers(-4, 5, picture.shape)
    noisy: RgbFrame = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return noisy


def test_the_edge_gets_the_colour_of_the_object() -> None:
    truth, behind = plain(200, 60, 30), plain(20, 180, 90)
    filmed = blend(truth, behind, MATTE)
    edge = (MATTE > 8) & (MATTE < 255)
    found = np.abs(foreground_colour(filmed, MATTE).astype(int) - truth)[edge]
    unmixed = np.abs(filmed.astype(int) - truth)[edge]
    assert unmixed.mean() > 40
    assert found.mean() < 5


def test_inside_and_outside_the_picture_stays_as_it_is() -> None:
    filmed = plain(90, 90, 90)
    sure = (MATTE == 0) | (MATTE == 255)
    assert np.array_equal(foreground_colour(filmed, MATTE)[sure], filmed[sure])


def test_a_hard_mask_changes_nothing() -> None:
    filmed = plain(10, 200, 90)
    assert np.array_equal(foreground_colour(filmed, ellipse(SIZE)), filmed)


def test_a_picture_of_few_pixels_works_too() -> None:
    small = np.full((2, 3, 3), 90, np.uint8)
    assert foreground_colour(small, np.full((2, 3), 100, np.uint8)).shape == (2, 3, 3)
