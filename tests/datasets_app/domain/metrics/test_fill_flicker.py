"""Fill flicker: exactly the levels by which the place of the object became lighter."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.metrics.fill_flicker import FillFlicker
from tests.datasets_app.domain.metrics.clips import disc, over, picture, places, run


def test_it_is_how_much_lighter_the_fill_became_and_was_before_and_after() -> None:
    removed = (picture() // 2) + 40
    alpha = disc()
    lighter = removed.copy()
    lighter[alpha > 0] += 20
    shots = [removed] * 5 + [lighter] + [removed] * 5
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": alpha} for one in shots]
    result = run(FillFlicker(), frames)
    luma = removed[alpha > 0].astype(np.float64) @ (0.299, 0.587, 0.114)
    percent = 100 * float(np.median(np.log((luma + 20 + 16) / (luma + 16))))
    assert result.frames[5] == pytest.approx(percent, abs=1)
    assert all(not result.frames[n] for n in range(11) if n != 5)
    assert places(result.notes) == [(5, 5)]


def test_a_fill_that_becomes_lighter_and_stays_so_does_not_flicker() -> None:
    removed = (picture() // 2) + 40
    lighter = removed.copy()
    lighter[disc() > 0] += 20
    shots = [removed] * 5 + [lighter] * 6
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": disc()} for one in shots]
    assert run(FillFlicker(), frames).notes == ()


def test_light_that_changes_everywhere_is_no_flicker() -> None:
    removed = (picture() // 2) + 40
    shots = [removed + np.uint8(20 * (n % 2)) for n in range(6)]
    frames = [{"rgb_removed": one, "rgb_full": one, "alpha": disc()} for one in shots]
    assert run(FillFlicker(), frames).notes == ()


def relit(removed: np.ndarray, alpha: np.ndarray, gain: float, soft: float) -> np.ndarray:
    share = cv2.GaussianBlur(alpha.astype(np.float32) / 255, (0, 0), soft)[..., None]
    lit = np.rint(removed * (1 + (gain - 1) * share))
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def pairs(gain: float, flickers: tuple[int, ...], front: int) -> list[dict[str, np.ndarray]]:
    """Return a pair of pictures whose fill is ``gain`` times as light in some frames."""
    removed = (picture() // 2) + 40
    alpha = disc()
    full = over(alpha, np.full_like(removed, front), removed)
    return [
        {
            "rgb_full": full,
            "rgb_removed": relit(removed, alpha, gain, 3) if n in flickers else removed,
            "alpha": alpha,
        }
        for n in range(24)
    ]


def test_little_is_named_where_it_comes_back_alike_and_not_alone() -> None:
    assert places(run(FillFlicker(), pairs(1.08, (11,), 200)).notes) == []
    again = run(FillFlicker(), pairs(1.08, (3, 11, 19), 200))
    assert places(again.notes) == [(3, 3), (11, 11), (19, 19)]


def test_the_seam_against_the_full_picture_tells_where_the_scene_moves() -> None:
    def notes(flickers: tuple[int, ...]) -> list[tuple[int, int]]:
        frames = pairs(1.2, flickers, 200)
        moving = []
        for n, frame in enumerate(frames):  # everything behind jumps, in both pictures
            jump = (7 * n * n) % 31
            removed = np.roll((picture() // 2) + 40, jump, 1)
            full = over(frame["alpha"], np.full_like(removed, 200), removed)
            behind = relit(removed, frame["alpha"], 1.2, 3) if n in flickers else removed
            moving.append({"rgb_full": full, "rgb_removed": behind, "alpha": frame["alpha"]})
        return places(run(FillFlicker(), moving).notes)

    assert notes(()) == []
    assert notes((11,)) == [(11, 11)]


def test_a_scene_that_goes_in_jerks_needs_twice_as_much() -> None:
    def notes(*gains: float) -> list[tuple[int, int]]:
        removed, alpha = (picture() // 2) + 40, disc()
        course = dict(enumerate(gains, start=11))
        shots = [relit(removed, alpha, course.get(n, 1.0), 0.5) for n in range(24)]
        frames = [{"rgb_removed": one, "alpha": alpha} for one in shots]
        return places(run(FillFlicker(), frames).notes)

    assert notes(1.25) == [(11, 11)]
    assert notes(1.2, 0.98, 1.15) == []
