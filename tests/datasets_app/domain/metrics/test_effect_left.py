"""Effect left behind: a shadow in the removed picture is found where and when it is there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.effect_left import EffectLeft
from datasets_app.domain.quality.fault_pictures import shadow_of
from tests.datasets_app.domain.metrics.clips import disc, places, run
from tests.scenes import texture

LARGE = FrameSize(160, 96)
DARK = 0.4


def clip(shaded: range, *, step: float, frames: int = 40) -> list[dict[str, np.ndarray]]:
    """Return a resting scene and an object that goes right by ``step`` px per frame; the removed
    picture has its shadow, 20 px right below, in the frames ``shaded``."""
    scene = texture(LARGE, 8) // 2 + 60
    made = []
    for number in range(frames):
        x = 40 + step * number
        removed = scene.astype(np.float32)
        if number in shaded:
            shadow = cv2.GaussianBlur(disc(x + 20, 60, 14, LARGE), (0, 0), 2) / 255
            removed = removed * (1 - DARK * shadow[..., None])
        made.append(
            {"rgb_removed": np.rint(removed).astype(np.uint8), "alpha": disc(x, 40, 14, LARGE)}
        )
    return made


@pytest.mark.parametrize("step", [0.0, 1.5])
def test_a_shadow_that_comes_and_goes_is_found_in_its_frames(step: float) -> None:
    result = run(EffectLeft(), clip(range(12, 25), step=step))
    assert places(result.notes) == [(12, 24)]
    assert (result.frames[18] or 0) > (result.frames[5] or 0) == 0


def test_in_a_film_without_colour_what_is_darker_has_to_be_twice_as_sure() -> None:
    frames = clip(range(12, 25), step=0)
    assert run(EffectLeft(), frames).notes
    for frame in frames:
        gray = cv2.cvtColor(frame["rgb_removed"], cv2.COLOR_RGB2GRAY)
        frame["rgb_removed"] = cv2.merge([gray] * 3)
    assert run(EffectLeft(), frames).notes == ()


def test_a_shadow_that_goes_along_through_the_whole_clip_is_found() -> None:
    [(first, last)] = places(run(EffectLeft(), clip(range(40), step=1.5)).notes)
    assert first <= 12
    assert last >= 28


@pytest.mark.parametrize("step", [0.0, 1.5])
def test_a_clean_scene_has_none_however_the_object_moves(step: float) -> None:
    assert run(EffectLeft(), clip(range(0), step=step)).notes == ()


def test_a_dark_thing_of_the_scene_is_no_shadow_of_the_object() -> None:
    frames = clip(range(0), step=1.5)
    for frame in frames:
        frame["rgb_removed"][60:80, 90:110] //= 2
    assert run(EffectLeft(), frames).notes == ()


def figure() -> np.ndarray:
    """Return a head on a body with arms: no ellipse, no box."""
    alpha = np.zeros((LARGE.height, LARGE.width), np.uint8)
    cv2.circle(alpha, (80, 24), 9, 255, cv2.FILLED)
    cv2.rectangle(alpha, (72, 32), (88, 70), 255, cv2.FILLED)
    cv2.rectangle(alpha, (60, 38), (100, 44), 255, cv2.FILLED)
    return alpha


def turning(number: int) -> np.ndarray:
    """Return the figure, its arms swung by up to 30 degrees."""
    swing = cv2.getRotationMatrix2D((80, 70), 30 * np.sin(number / 5), 1)
    return np.asarray(cv2.warpAffine(figure(), swing, (LARGE.width, LARGE.height)))


def test_the_shadow_of_what_turns_on_the_spot_is_found() -> None:
    scene = texture(LARGE, 8) // 6 + 120
    clean = [{"rgb_removed": scene, "alpha": turning(number)} for number in range(30)]
    left = [
        {**one, "rgb_removed": np.rint(scene * shade[..., None]).astype(np.uint8)}
        for one in clean
        for shade in [1 - DARK * shadow_of(one["alpha"], (0.5, -0.3))]
    ]
    [(first, last)] = places(run(EffectLeft(), left).notes)
    assert first <= 3
    assert last >= 26
    assert run(EffectLeft(), clean).notes == ()


def test_a_shadow_at_the_feet_is_as_dark_as_it_is() -> None:
    scene = texture(LARGE, 8) // 2 + 60  # with edges, which play no part in what changes
    shade = 1 - DARK * shadow_of(figure(), (0.5, -0.3))
    dark = np.rint(scene * shade[..., None]).astype(np.uint8)
    shots = [dark if 7 <= number <= 15 else scene for number in range(24)]
    result = run(EffectLeft(), [{"rgb_removed": one, "alpha": figure()} for one in shots])
    assert places(result.notes) == [(7, 15)]
    # The softer middle of a thin shadow is less dark.
    assert 100 * DARK - 12 < (result.frames[10] or 0) < 100 * DARK


def test_a_thing_of_another_colour_that_comes_and_goes_is_no_shadow() -> None:
    scene = texture(LARGE, 8) // 6 + 120
    share = shadow_of(figure(), (0.5, -0.3))[..., None]
    brown = np.rint(scene * (1 - share) + share * (110, 70, 40)).astype(np.uint8)
    shots = [brown if 7 <= number <= 15 else scene for number in range(24)]
    frames = [{"rgb_removed": one, "alpha": figure()} for one in shots]
    assert run(EffectLeft(), frames).notes == ()


def test_a_shadow_that_rests_on_a_scene_that_rests_is_known_by_its_outline() -> None:
    scene = texture(LARGE, 8) // 6 + 120
    shade = 1 - DARK * shadow_of(figure(), (0.5, -0.3))
    shaded = np.rint(scene * shade[..., None]).astype(np.uint8)
    frames = [{"rgb_removed": shaded, "alpha": figure()}] * 12
    assert places(run(EffectLeft(), frames).notes) == [(0, 11)]
    assert run(EffectLeft(), [{**one, "rgb_removed": scene} for one in frames]).notes == ()


def test_a_place_that_is_lighter_for_single_frames_has_no_shadow_between_them() -> None:
    frames = clip(range(0), step=1.5)
    for number in (10, 26):
        dark = clip(range(number, number + 1), step=1.5)[number]["rgb_removed"].astype(np.float32)
        light = np.square(frames[number]["rgb_removed"] + 1.0) / (dark + 1)
        frames[number]["rgb_removed"] = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    assert run(EffectLeft(), frames).notes == ()
