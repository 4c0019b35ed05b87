"""The keyer: soft where the object is soft, whole where it is dark, clean of the screen."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.demo_clip import demo_clip
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.chroma.keying import Keyer, KeySettings, chroma_masks, held
from datasets_app.domain.synthesis.chroma.screen import ScreenColour, find_screen
from matteweb.errors import BadInput
from tests.studio import GREEN, before_screen, studio_frame

SIZE = FrameSize(160, 96)


def boxed_key(frame: RgbFrame) -> GrayFrame:
    """A fixed box of colours around one green: inside it is screen, all else is the object."""
    red, green, blue = (frame[..., channel].astype(int) for channel in range(3))
    inside = (abs(blue - 40) <= 60) & (abs(green - 150) <= 60) & (abs(red - 50) <= 60)
    return np.where(inside, 0, 255).astype(np.uint8)


def keyed(frame: RgbFrame, **settings: float) -> GrayFrame:
    found = find_screen([frame])
    assert found is not None
    return Keyer(KeySettings(**settings), found).alpha(frame)  # type: ignore[arg-type]


def error(alpha: GrayFrame, truth: GrayFrame) -> float:
    return float(np.abs(alpha.astype(int) - truth.astype(int)).mean())


@pytest.mark.parametrize("screen", [GREEN, ScreenColour(30, 80, 200)])
def test_the_colour_of_the_screen_is_found(screen: ScreenColour) -> None:
    frame, _ = studio_frame(SIZE, 0, screen=screen)
    found = find_screen([frame])
    assert found is not None
    assert max(abs(a - b) for a, b in zip(found.chroma, screen.chroma, strict=True)) < 12


def test_a_landscape_has_no_screen() -> None:
    grass, sky = np.array([90, 120, 50]), np.array([135, 206, 235])
    frame = np.empty((96, 160, 3), np.uint8)
    frame[:48], frame[48:] = sky, grass
    assert find_screen([frame]) is None
    with pytest.raises(BadInput, match="no green or blue screen"):
        list(chroma_masks([frame]))


def test_a_grey_wall_cannot_be_keyed() -> None:
    with pytest.raises(BadInput, match="too near to grey"):
        Keyer(KeySettings(), ScreenColour(120, 126, 120))


def test_a_soft_edge_stays_soft_and_a_box_of_colours_makes_it_hard() -> None:
    frame, truth = studio_frame(SIZE, 0)
    band = (truth > 20) & (truth < 235)
    ours = keyed(frame)
    assert error(ours, truth) < 2.5
    assert len(np.unique(ours[band])) > 20
    assert error(ours[band], truth[band]) < 30
    assert set(np.unique(boxed_key(frame))) == {0, 255}
    assert error(boxed_key(frame)[band], truth[band]) > 60


def test_a_dark_grey_shirt_has_no_holes_and_a_box_of_colours_makes_some() -> None:
    truth = np.zeros((96, 160), np.uint8)
    cv2.rectangle(truth, (50, 20), (110, 95), 255, cv2.FILLED)
    shirt = np.full((96, 160, 3), (94, 95, 90), np.uint8)
    frame = before_screen(shirt, truth)
    inside = cv2.erode(truth, np.ones((7, 7), np.uint8)) > 0
    assert (boxed_key(frame)[inside] == 0).mean() > 0.9
    assert keyed(frame)[inside].min() > 230


def test_a_screen_that_is_lit_unevenly_is_all_screen() -> None:
    frame, truth = studio_frame(SIZE, 0, falloff=0.55)
    ours = keyed(frame)
    far = cv2.dilate(truth, np.ones((9, 9), np.uint8)) == 0
    assert ours[far].max() < 12
    assert boxed_key(frame)[far].max() == 255


def test_nothing_of_the_screen_is_left_in_the_colours() -> None:
    grey = np.full((96, 160, 3), 130, np.uint8)
    truth = np.zeros((96, 160), np.uint8)
    cv2.circle(truth, (80, 48), 30, 255, cv2.FILLED)
    truth = cv2.GaussianBlur(truth, (0, 0), 2.5)
    spilled = np.clip(grey + np.array([-8, 22, -8]), 0, 255).astype(np.uint8)
    frame = before_screen(spilled, truth)
    cut = Keyer(KeySettings(), GREEN).key(frame)
    seen = cut.alpha > 30
    excess = cut.foreground[..., 1].astype(int) - cut.foreground[..., [0, 2]].max(axis=2)
    assert excess[seen].max() < 12
    raw = frame[..., 1].astype(int) - frame[..., [0, 2]].max(axis=2)
    assert raw[seen].max() > 60


def test_spill_removal_keeps_luma() -> None:
    frame = before_screen(np.full((96, 160, 3), (180, 190, 150), np.uint8), np.full((96, 160), 255))
    plain, clean = (
        Keyer(KeySettings(spill=spill), GREEN).key(frame, np.full((96, 160), 255, np.uint8))
        for spill in (0.0, 1.0)
    )
    luma = [cut.foreground @ np.array([0.299, 0.587, 0.114]) for cut in (plain, clean)]
    assert np.abs(luma[0] - luma[1]).max() < 1.5


def test_what_was_mixed_is_unmixed() -> None:
    frame, truth = studio_frame(SIZE, 0)
    cut = Keyer(KeySettings(spill=0.0), GREEN).key(frame, truth)
    share = truth[..., None].astype(float) / 255
    screen = before_screen(np.zeros_like(frame), np.zeros_like(truth))
    again = share * cut.foreground + (1 - share) * screen
    assert np.abs(again - frame)[truth > 25].mean() < 2


def test_colours_go_on_beyond_the_object() -> None:
    frame, truth = studio_frame(SIZE, 0)
    cut = Keyer(KeySettings(), GREEN).key(frame)
    ring = (cv2.dilate(truth, np.ones((7, 7), np.uint8)) > 0) & (cut.alpha == 0)
    assert ring.any()
    assert cut.foreground[ring].mean() > 40


def test_a_garbage_matte_cuts_away_the_sides() -> None:
    frame, _ = studio_frame(SIZE, 0)
    frame[:, :20] = 128
    assert keyed(frame)[:, :15].max() == 255
    assert keyed(frame, left=0.15)[:, :24].max() == 0


def test_specks_vanish_and_holes_are_filled() -> None:
    frame, truth = studio_frame(SIZE, 0)
    frame[4:6, 4:6] = 128
    rows, columns = np.nonzero(cv2.erode(truth, np.ones((15, 15), np.uint8)) == 255)
    y, x = int(rows.mean()), int(columns.mean())
    frame[y : y + 2, x : x + 2] = [GREEN.red, GREEN.green, GREEN.blue]
    ours = keyed(frame, specks=0.001, holes=0.001)
    assert ours[4:6, 4:6].max() == 0
    assert ours[y : y + 2, x : x + 2].min() == 255


def test_one_alpha_comes_for_every_frame() -> None:
    frames = [studio_frame(SIZE, number)[0] for number in range(11)]
    assert sum(1 for _ in chroma_masks(frames)) == 11


def test_a_resting_edge_holds_still_and_a_moving_one_is_not_smeared() -> None:
    rng = np.random.default_rng(2)
    picture = np.full((48, 64, 3), 90, np.uint8)
    pairs = []
    for number in range(9):
        moved, alpha = picture.copy(), np.full((48, 64), 100, np.uint8)
        moved[20:30, 4 * number : 4 * number + 12] = 250
        alpha[20:30, 4 * number : 4 * number + 12] = 255
        alpha[:8] = 120 + rng.integers(-9, 10, (8, 64))
        pairs.append((moved, alpha))
    steady = [alpha for _, alpha in held(pairs, 2)]
    noise = [float(np.std([a[4, x] for a in steady])) for x in range(64)]
    raw = [float(np.std([alpha[4, x] for _, alpha in pairs])) for x in range(64)]
    assert np.mean(noise) < 0.7 * np.mean(raw)
    assert all(a[25, 4 * n + 6] > 250 for n, a in enumerate(steady))
    assert steady[6][25, 2] < 110


@pytest.mark.parametrize(("count", "radius"), [(1, 2), (2, 2), (3, 1), (9, 4)])
def test_held_gives_every_frame_once_and_in_order(count: int, radius: int) -> None:
    pairs = [(np.full((8, 8, 3), n, np.uint8), np.full((8, 8), n, np.uint8)) for n in range(count)]
    given = [int(picture[0, 0, 0]) for picture, _ in held(pairs, radius)]
    assert given == list(range(count))
    assert all(b - a == 1 for a, b in pairwise(given))


def test_a_painted_boat_is_cut_out_nearly_as_it_was_painted() -> None:
    shown = next(demo_clip("boat", size=SIZE, frames=1))
    share = shown.alpha[..., None] / 255
    colour = (shown.rgb - (1 - share) * shown.backdrop) / np.maximum(share, 1e-3)
    frame = before_screen(np.clip(colour, 0, 255).astype(np.uint8), shown.alpha)
    assert error(keyed(frame), shown.alpha) < 0.6
