"""A shadow of the object's shape is matched where it lies; texture and other shapes are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.effect_maps import view_of, window_at, window_scale
from datasets_app.domain.quality.fault_pictures import shadow_of
from datasets_app.domain.quality.shadow_shapes import ShapeMatch, match_shapes
from tests.scenes import texture

SIZE = FrameSize(192, 112)


def figure() -> np.ndarray:
    """Return a head on a body: no ellipse, no box."""
    alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
    cv2.circle(alpha, (96, 36), 10, 255, cv2.FILLED)
    cv2.rectangle(alpha, (88, 44), (104, 84), 255, cv2.FILLED)
    cv2.rectangle(alpha, (76, 50), (116, 56), 255, cv2.FILLED)
    return alpha


def matched(picture: np.ndarray) -> ShapeMatch:
    alpha = figure()
    scale = window_scale(alpha)
    assert scale is not None
    window = window_at(alpha, scale)
    assert window is not None
    found = match_shapes(view_of(picture, alpha, scale), window)
    assert found is not None
    return found


@pytest.mark.parametrize("place", [(-0.5, 0.2), (0.4, -0.6)])
def test_a_shadow_fits_and_has_its_depth(place: tuple[float, float]) -> None:
    shade = 1 - 0.5 * shadow_of(figure(), place)
    scene = texture(SIZE, 3) // 6 + 120
    found = matched(np.rint(scene * shade[..., None]).astype(np.uint8))
    best = np.unravel_index(int(np.argmax(found.fit)), found.fit.shape)
    assert found.fit[best] > 0.8
    assert 0.3 < found.depth[best] < 0.8
    assert matched(scene).fit.max() < 0.6


def test_what_is_lighter_does_not_fit() -> None:
    light = 1 + 0.5 * shadow_of(figure(), (0.4, 0.2))
    scene = np.full((SIZE.height, SIZE.width, 3), 100, np.uint8)
    found = matched(np.rint(scene * light[..., None]).astype(np.uint8))
    lighter = np.unravel_index(int(np.argmin(found.fit)), found.fit.shape)
    assert found.fit[lighter] < -0.8
    assert found.depth[lighter] < 0


def test_an_object_of_a_few_pixels_has_no_shape() -> None:
    alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
    alpha[50:52, 50:52] = 255
    window = window_at(alpha, 2.0)
    assert window is not None
    assert match_shapes(view_of(np.zeros((112, 192, 3), np.uint8), alpha, 2.0), window) is None
