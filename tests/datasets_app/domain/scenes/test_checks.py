"""Automatic checks: each planted fault is named, and a good scene passes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from datasets_app.domain.scenes.checks import SceneChecks, complaint_before, effect_of

SIDE, FRAMES = 96, 6


def good_frame() -> dict[str, np.ndarray]:
    """A disc with a shadow beside it, on a grey ground."""
    removed = np.full((SIDE, SIDE, 3), 120, np.uint8)
    full = removed.copy()
    cv2.ellipse(full, (60, 62), (14, 6), 0, 0, 360, (70, 70, 70), -1)
    cv2.circle(full, (44, 48), 14, (200, 40, 30), -1)
    gone = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(gone, (44, 48), 14, 255, -1)
    return {"full": full, "removed": removed, "gone": gone, "kept": np.zeros_like(gone)}


def checked(frames: list[dict[str, np.ndarray]], *, low_light: bool = False) -> str:
    checks = SceneChecks(low_light)
    for frame in frames:
        effect = effect_of(frame["full"], frame["removed"])
        checks.add(frame["full"], frame["removed"], frame["gone"], frame["kept"], effect)
    return checks.complaint()


def test_a_good_scene_passes() -> None:
    assert checked([good_frame()] * FRAMES) == ""


def test_a_removed_object_that_is_hardly_seen_is_refused() -> None:
    hidden = good_frame() | {"gone": np.zeros((SIDE, SIDE), np.uint8)}
    assert "seen in only" in checked([hidden] * FRAMES)


def test_at_dusk_a_small_object_alone_is_refused_and_passes_beside_another() -> None:
    frame = good_frame()
    frame["gone"] = np.zeros((SIDE, SIDE), np.uint8)
    frame["gone"][40:52, 38:50] = 255
    assert checked([frame] * FRAMES) == ""
    assert "seen in only" in checked([frame] * FRAMES, low_light=True)
    frame["kept"][70:90, 10:30] = 255
    assert checked([frame] * FRAMES, low_light=True) == ""


@pytest.mark.parametrize(("radius", "stands_out"), [(8, False), (20, True)])
def test_at_dusk_what_differs_by_its_hue_alone_has_to_be_large(
    radius: int, stands_out: bool
) -> None:
    """A green thing on blue water: by its colour it differs enough at any size."""
    frame = good_frame()
    frame["removed"][:] = (10, 10, 60)
    frame["full"][:] = frame["removed"]
    frame["full"][60:70, 10:80] = (4, 4, 24)
    frame["gone"][:] = 0
    cv2.circle(frame["full"], (44, 40), radius, (10, 32, 14), -1)
    cv2.circle(frame["gone"], (44, 40), radius, 255, -1)
    frame["kept"][80:, 80:] = 255
    assert checked([frame] * FRAMES) == ""
    found = checked([frame] * FRAMES, low_light=True)
    assert (found == "") == stands_out, found


def test_an_object_that_fills_the_picture_is_refused() -> None:
    huge = good_frame() | {"gone": np.full((SIDE, SIDE), 255, np.uint8)}
    assert "cover 100% of a frame" in checked([good_frame(), huge])


def test_an_object_without_any_effect_is_refused() -> None:
    frame = good_frame()
    frame["full"][frame["gone"] == 0] = 120
    assert "neither shadow nor reflection" in checked([frame] * FRAMES)


def test_an_object_that_hardly_stands_out_is_refused() -> None:
    frame = good_frame()
    frame["full"][frame["gone"] > 0] = 112
    assert "hardly stand out" in checked([frame] * FRAMES)


def test_glare_is_refused_in_a_single_frame() -> None:
    """As the mirror image of a low sun burns out the ground."""
    frame = good_frame()
    for picture in ("full", "removed"):
        cv2.circle(frame[picture], (80, 14), 12, (255, 253, 251), -1)
    assert "glare burns out" in checked([good_frame()] * FRAMES + [frame])


def test_a_bright_floor_is_no_glare() -> None:
    frame = good_frame()
    for picture in ("full", "removed"):
        frame[picture][frame[picture] == 120] = 236
    assert checked([frame] * FRAMES) == ""


def test_a_black_frame_is_refused() -> None:
    black = good_frame()
    black["full"] = np.zeros_like(black["full"])
    assert checked([good_frame()] * FRAMES + [black]) == "a frame is black"


def test_bright_specks_are_refused() -> None:
    frame = good_frame()
    frame["removed"][5:90:9, 88] = 255
    assert "bright specks" in checked([frame] * FRAMES)


def test_a_glint_along_an_edge_is_no_speck() -> None:
    frame = good_frame()
    frame["full"][20:60, 80] = 255
    frame["removed"][20:60, 80] = 255
    assert checked([frame] * FRAMES) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"overlaps": 1}, "cut into each other"),
        ({"inside": 2}, "flies through the camera"),
        ({"lowest": -3.0}, "fell through the ground"),
        ({"removed": ["object-1", "object-2"]}, "lies on one that is removed"),
        ({}, ""),
    ],
)
def test_a_bad_simulation_is_refused_before_a_frame_is_rendered(
    change: dict[str, Any], says: str
) -> None:
    facts = {"overlaps": 0, "inside": 0, "lowest": 0.2, "removed": ["object-1"], **change}
    found = complaint_before(facts, ("object-1",))
    assert says in found
    assert bool(found) == bool(says)
