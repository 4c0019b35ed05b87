"""The lens: sharp at the focus, the same to both sides, never less blurred farther away."""

from __future__ import annotations

import numpy as np

from datasets_app.domain.synthesis.optics.lens import FocusPull, Lens

LENS = Lens(strength=30, largest=12, tolerance=0.02, aperture="disc")
DEPTHS = np.linspace(0, 1, 201, dtype=np.float32)


def banded_level(depth: np.ndarray, focus: float, half_width: float) -> np.ndarray:
    """Blur by depth bands: all of it far away, an exponential inside the band, none nearer."""
    t = (depth - (focus - half_width)) / (2 * half_width)
    level = 1 - np.exp(-5 * np.clip(t, 0, 1))
    return np.where(t < 0, 1.0, np.where(t > 1, 0.0, level))


def is_a_lens(blur: np.ndarray, focus: float) -> bool:
    """Whether blur vanishes at the focus and only grows away from it."""
    at = int(np.abs(DEPTHS - focus).argmin())
    behind, before = blur[: at + 1][::-1], blur[at:]
    grows = bool((np.diff(behind) >= -1e-6).all() and (np.diff(before) >= -1e-6).all())
    return bool(blur[at] < 1e-6) and grows and blur[0] > 0 and blur[-1] > 0


def test_what_lies_at_the_focus_is_sharp_and_blur_only_grows_away_from_it() -> None:
    for focus in (0.3, 0.5, 0.8):
        assert is_a_lens(LENS.spread(DEPTHS, focus), focus)


def test_a_band_of_levels_blurs_the_subject_most_and_is_told_from_a_lens() -> None:
    level = banded_level(DEPTHS, 0.5, 0.05)
    assert level[np.abs(DEPTHS - 0.5).argmin()] > 0.9
    assert level[-1] == 0
    assert not is_a_lens(level, 0.5)


def test_nearer_and_farther_blur_alike() -> None:
    away = np.array([0.1, 0.2, 0.3], np.float32)
    assert np.allclose(LENS.spread(0.5 + away, 0.5), LENS.spread(0.5 - away, 0.5))


def test_no_circle_is_wider_than_the_largest() -> None:
    assert LENS.spread(DEPTHS, 0.0).max() == 12


def test_a_pull_starts_and_ends_where_it_says_and_never_turns_back() -> None:
    pull = FocusPull(start=0, end=1, first=10, last=20)
    places = [pull.at(frame) for frame in range(30)]
    assert places[:11] == [0.0] * 11
    assert places[20:] == [1.0] * 10
    assert places == sorted(places)


def test_a_pull_that_takes_no_time_is_a_cut() -> None:
    pull = FocusPull(start=1, end=0, first=5, last=5)
    assert [pull.at(frame) for frame in (4, 5)] == [1, 0]
