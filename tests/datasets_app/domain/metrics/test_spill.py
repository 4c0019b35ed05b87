"""Spill: exactly the cast that was painted onto the rim."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.metrics.spill import Spill
from tests.datasets_app.domain.metrics.clips import disc, places, run


def shot(cast: int, share: float = 1.0) -> dict[str, np.ndarray]:
    """Return a grey disc whose rim of 5 px has ``cast`` more green, along ``share`` of it."""
    alpha = disc(radius=24)
    grey = np.full((*alpha.shape, 3), 120, np.uint8)
    rim = (alpha > 0) & (disc(radius=19) == 0)
    rows = np.arange(alpha.shape[0])[:, None] < 8 + 48 * share
    grey[rim & rows, 1] += np.uint8(cast)
    return {"rgb_full": grey, "alpha": alpha}


def test_it_is_the_levels_that_the_rim_has_more_of_one_colour() -> None:
    assert run(Spill(), [shot(30)]).frames[0] == pytest.approx(30, abs=3)
    assert run(Spill(), [shot(0)]).frames == (0,)


def test_a_colour_on_half_of_the_rim_is_the_object_s_own() -> None:
    assert run(Spill(), [shot(60, 0.5)]).frames[0] == pytest.approx(0, abs=1)


def test_frames_with_spill_are_named_and_none_says_nothing_without_an_object() -> None:
    frames = [shot(18 if 4 <= n <= 9 else 0) for n in range(16)]
    assert places(run(Spill(), frames).notes) == [(4, 9)]
    nothing = {"rgb_full": frames[0]["rgb_full"], "alpha": np.zeros((64, 96), np.uint8)}
    assert run(Spill(), [nothing]).frames == (None,)


def test_spill_all_through_is_found_and_a_design_of_the_object_is_not() -> None:
    assert places(run(Spill(), [shot(30)] * 12).notes) == [(0, 11)]
    assert run(Spill(), [shot(15)] * 12).notes == ()


def test_a_cast_of_two_frames_is_motion() -> None:
    frames = [shot(60 if n in (5, 6) else 0) for n in range(14)]
    assert run(Spill(), frames).notes == ()


def test_what_lies_between_two_sights_of_an_object_is_no_stretch_with_spill() -> None:
    nothing = {**shot(0), "alpha": np.zeros((64, 96), np.uint8)}
    frames = [nothing if 6 <= n <= 12 else shot(14 if n in (5, 13) else 0) for n in range(24)]
    assert run(Spill(), frames).notes == ()


def imported(cast: int, soft: int = 5) -> dict[str, np.ndarray]:
    """Return an orange disc that fades into a blue scene within its mask; ``cast`` is more green
    along the rim of that."""
    alpha = disc(radius=24)
    scene = np.full((*alpha.shape, 3), (40, 90, 200), np.uint8)
    share = cv2.blur(disc(radius=24 - soft), (5, 5))[..., None] / 255
    full = np.rint(share * (230, 140, 40) + (1 - share) * scene).astype(np.uint8)
    full[(alpha > 0) & (disc(radius=20) == 0), 1] += np.uint8(cast)
    mask = np.where(alpha > 0, 0, 128).astype(np.uint8)
    return {"rgb_full": full, "rgb_removed": scene, "mask": mask}


def test_a_rim_that_shows_what_is_behind_it_is_no_spill() -> None:
    assert run(Spill(), [imported(0)] * 12).notes == ()
    assert run(Spill(), [imported(0)]).frames[0] == pytest.approx(0, abs=1)
    assert places(run(Spill(), [imported(80)] * 12).notes) == [(0, 11)]


def test_a_true_shadow_on_what_is_behind_the_rim_is_no_spill() -> None:
    shaded = imported(0)
    shaded["rgb_full"][40:] = np.rint(shaded["rgb_full"][40:] * 0.5)
    assert run(Spill(), [shaded] * 12).notes == ()
