"""A shadow is known by the depth of its outline, all around; other dark things are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.fault_pictures import shadow_of
from datasets_app.domain.quality.shadow_outline import Outline, change_of, depth_of, outline_of
from datasets_app.domain.quality.shadow_views import view_of, window_scale
from tests.scenes import texture

SIZE = FrameSize(192, 112)
PLACES = [(-0.5, 0.2), (0.4, -0.6)]


def figure() -> np.ndarray:
    """Return a head on a body with arms: no ellipse, no box."""
    alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
    cv2.circle(alpha, (96, 36), 10, 255, cv2.FILLED)
    cv2.rectangle(alpha, (88, 44), (104, 84), 255, cv2.FILLED)
    cv2.rectangle(alpha, (76, 50), (116, 56), 255, cv2.FILLED)
    return alpha


def outline(shade: np.ndarray | float = 1.0) -> Outline:
    alpha = figure()
    scene = texture(SIZE, 3) // 6 + 120
    picture = np.rint(scene * np.broadcast_to(shade, alpha.shape)[..., None]).astype(np.uint8)
    scale = window_scale(alpha)
    assert scale is not None
    found = outline_of(view_of(picture, alpha, scale), scale)
    assert found is not None
    return found


@pytest.mark.parametrize("place", PLACES)
def test_the_depth_is_that_of_the_shadow_and_a_clean_scene_has_next_to_none(
    place: tuple[float, float],
) -> None:
    shadow = shadow_of(figure(), place)
    # Log luma; the softer middle of a thin shadow is less deep.
    assert 0.25 < depth_of({0: outline(1 - 0.5 * shadow)}, [0]) < 0.75
    assert depth_of({0: outline()}, [0]) < 0.05
    assert depth_of({0: outline(1 + 0.5 * shadow)}, [0]) < 0.1


def test_light_that_falls_off_and_what_is_dark_along_a_part_of_the_outline_are_none() -> None:
    falls_off = np.linspace(1.4, 0.6, SIZE.width)[None]
    assert depth_of({0: outline(falls_off)}, [0]) < 0.05
    wall = np.ones((SIZE.height, SIZE.width))
    wall[:, 110:] = 0.4
    assert depth_of({0: outline(wall)}, [0]) < 0.1


def test_frames_are_taken_together() -> None:
    dark, clean = outline(1 - 0.5 * shadow_of(figure(), PLACES[0])), outline()
    every = {0: clean, 3: dark, 6: dark, 9: clean}
    assert depth_of(every, [3, 6]) == pytest.approx(depth_of({3: dark}, [3]), abs=0.01)
    assert depth_of(every, [0, 3]) < depth_of(every, [3])
    assert depth_of(every, [4, 5]) == 0


@pytest.mark.parametrize("place", PLACES)
def test_a_change_is_that_of_the_shadow_whatever_the_scene_and_the_camera(
    place: tuple[float, float],
) -> None:
    alpha = figure()
    scene = texture(FrameSize(SIZE.width + 8, SIZE.height), 3)
    before, now = scene[:, :-8], scene[:, 8:]
    shaded = np.rint(now * (1 - 0.5 * shadow_of(alpha, place))[..., None]).astype(np.uint8)
    scale = window_scale(alpha)
    assert scale is not None
    moved = np.array([[1.0, 0, 8], [0, 1, 0], [0, 0, 1]])
    views = [view_of(np.ascontiguousarray(one), alpha, scale) for one in (before, now, shaded)]
    came = change_of(views[2], views[0], moved, scale)
    stayed = change_of(views[1], views[0], moved, scale)
    assert came is not None and stayed is not None
    assert 0.2 < came.darker.max() < 0.75
    assert came.lighter.max() < 0.05
    assert max(stayed.darker.max(), stayed.lighter.max()) < 0.02


def test_an_object_of_a_few_pixels_and_none_have_no_outline() -> None:
    alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
    picture = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    assert outline_of(view_of(picture, alpha, 1.0), 1.0) is None
    alpha[50:52, 50:52] = 255
    assert outline_of(view_of(picture, alpha, 2.0), 2.0) is None
