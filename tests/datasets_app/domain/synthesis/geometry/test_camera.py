"""The camera: fills the frame, keeps shapes, moves smoothly, never shows a border."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.geometry.camera import Camera, CameraPath, draw_camera, gradient
from datasets_app.domain.synthesis.geometry.smooth_path import SmoothPath
from datasets_app.domain.synthesis.seeds import generator
from tests.scenes import texture

FRAME = FrameSize(96, 64)


def roundness(picture: np.ndarray) -> float:
    _, _, width, height = cv2.boundingRect((picture[..., 0] > 127).astype(np.uint8))
    return float(width) / float(height)


@pytest.mark.parametrize("source", [FrameSize(64, 96), FrameSize(300, 80), FrameSize(40, 40)])
def test_a_circle_stays_a_circle_and_plain_resizing_squeezes_it(source: FrameSize) -> None:
    picture = np.zeros((source.height, source.width, 3), np.uint8)
    centre = (source.width // 2, source.height // 2)
    cv2.circle(picture, centre, min(source.width, source.height) // 4, (255,) * 3, cv2.FILLED)
    shown = Camera(CameraPath(), source, FRAME, 1).picture(picture, 0)
    assert shown.shape == (64, 96, 3)
    assert roundness(shown) == pytest.approx(1, abs=0.15)
    squeezed = cv2.resize(picture, (FRAME.width, FRAME.height), interpolation=cv2.INTER_AREA)
    assert abs(roundness(squeezed) - 1) > 0.3


def test_a_background_of_the_right_size_is_given_on_untouched() -> None:
    picture = texture(FRAME, 1)
    assert Camera(CameraPath(), FRAME, FRAME, 5).picture(picture, 3) is picture


@pytest.mark.parametrize("motion", [0.0, 0.5, 1.0])
def test_whatever_is_drawn_never_shows_beyond_the_background(motion: float) -> None:
    size = FrameSize(200, 120)
    marked = np.full((120, 200, 3), 200, np.uint8)
    for seed in range(6):
        camera = Camera(draw_camera(motion, 100, generator(seed)), size, FRAME, 100)
        for number in (0, 33, 66, 99):
            assert camera.picture(marked, number).min() == 200


def test_a_camera_that_moves_moves_and_one_that_stands_stands() -> None:
    picture = texture(FrameSize(200, 120), 2)
    moving = Camera(draw_camera(1.0, 100, generator(3)), FrameSize(200, 120), FRAME, 100)
    assert not np.array_equal(moving.picture(picture, 0), moving.picture(picture, 99))
    still = Camera(draw_camera(0.0, 100, generator(3)), FrameSize(200, 120), FRAME, 100)
    assert np.array_equal(still.picture(picture, 0), still.picture(picture, 99))


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((640, 960, 3), np.uint8)
    stripes[:, ::2] = 255
    shown = Camera(CameraPath(zoom=SmoothPath.still(1.0)), FrameSize(960, 640), FRAME, 1)
    assert np.ptp(shown.picture(stripes, 0)) <= 2


def test_a_gradient_goes_from_one_colour_to_the_other() -> None:
    picture = gradient(FRAME, (0, 10, 20), (200, 110, 20))
    assert picture[0, 0].tolist() == [0, 10, 20]
    assert picture[-1, -1].tolist() == [200, 110, 20]
