"""Linear light, plate filling, light wrap and colour match."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.compositing.colour_match import measured_match
from datasets_app.domain.synthesis.compositing.light_wrap import wrapped
from datasets_app.domain.synthesis.compositing.mixing import mix
from datasets_app.domain.synthesis.compositing.plate_fill import filled
from tests.scenes import texture

SIZE = FrameSize(96, 64)
EVERY = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)


def test_half_of_black_and_white_is_darker_as_stored_than_as_light() -> None:
    black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    half = np.full((1, 1), 128, np.uint8)
    assert mix(white, black, half, "stored")[0, 0, 0] == 128
    assert mix(white, black, half, "linear")[0, 0, 0] == 188


@pytest.mark.parametrize("light", ["stored", "linear"])
def test_nothing_changes_where_alpha_is_none_or_all(light: str) -> None:
    front, behind = texture(SIZE, 1), texture(SIZE, 2)
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:, 48:] = 255
    mixed = mix(front, behind, alpha, light)  # type: ignore[arg-type]
    assert np.array_equal(mixed[:, :48], behind[:, :48])
    assert np.array_equal(mixed[:, 48:], front[:, 48:])


def test_a_mixture_is_rounded_and_cutting_it_off_darkens() -> None:
    front, behind = texture(SIZE, 1), texture(SIZE, 2)
    alpha = texture(SIZE, 3)[..., 0]
    share = alpha[..., None] / 255
    exact = share * front + (1 - share) * behind
    assert abs((mix(front, behind, alpha) - exact).mean()) < 0.02
    assert (exact.astype(np.uint8) - exact).mean() < -0.4


def keeps_colour(composite: np.ndarray, alpha: np.ndarray) -> bool:
    """Whether the subject's red is still red."""
    inside = composite[alpha == 255].astype(int)
    return bool((inside[:, 0] - inside[:, 2] > 100).all())


def test_a_grey_background_leaves_the_colours_of_the_subject() -> None:
    subject = np.full((64, 96, 3), (200, 40, 30), np.uint8)
    grey = np.repeat(texture(SIZE, 2)[..., :1], 3, axis=2)
    alpha = np.zeros((64, 96), np.uint8)
    alpha[20:40, 20:60] = 255
    assert keeps_colour(mix(subject, grey, alpha), alpha)
    # A background that is opened as one channel makes one channel of what is pasted into it.
    one_channel = np.where(alpha > 0, cv2.cvtColor(subject, cv2.COLOR_RGB2GRAY), grey[..., 0])
    assert not keeps_colour(np.repeat(one_channel[..., None], 3, axis=2), alpha)


def test_what_is_known_stays_and_what_is_not_goes_on_from_around_it() -> None:
    picture = np.zeros((64, 96), np.float32)
    picture[:, :48], picture[:, 48:] = 40, 200
    known = np.ones((64, 96), np.float32)
    known[16:48, 8:40] = 0
    picture[16:48, 8:40] = 255
    made = filled(picture, known)
    assert np.array_equal(made[known == 1], picture[known == 1])
    assert made[16:48, 8:36].max() < 60


def test_light_wraps_the_rim_only_brightens_and_leaves_the_inside() -> None:
    alpha = np.zeros((64, 96), np.uint8)
    cv2.circle(alpha, (48, 32), 24, 255, cv2.FILLED)
    front = cv2.copyTo(np.full((64, 96, 3), 60, np.uint8), alpha)
    behind = np.full((64, 96, 3), 230, np.uint8)
    lit = wrapped(front, alpha, behind, 1.0)
    assert lit[32, 25].min() > 90
    assert np.array_equal(lit[32, 48], front[32, 48])
    assert lit[alpha == 0].max() == 0
    assert np.array_equal(wrapped(front, alpha, np.zeros_like(behind), 1.0), front)


def test_colours_move_towards_the_background_and_black_stays_black() -> None:
    alpha = np.full((64, 96), 255, np.uint8)
    front = np.maximum(texture(SIZE, 1), 1)
    front[:8] = 0
    warm = np.full((64, 96, 3), (220, 150, 90), np.uint8)
    match = measured_match([(front, alpha, warm)], 1.0)
    changed = match.apply(front, alpha)
    assert changed[:8].max() == 0
    assert changed[..., 0].mean() - changed[..., 2].mean() > 20
    none = measured_match([(front, alpha, warm)], 0.0)
    assert np.array_equal(none.apply(front, alpha), front)


def test_a_subject_that_is_never_seen_is_not_matched() -> None:
    alpha = np.zeros((64, 96), np.uint8)
    assert measured_match([(texture(SIZE, 1), alpha, texture(SIZE, 2))], 1.0).gains == (1, 1, 1)
