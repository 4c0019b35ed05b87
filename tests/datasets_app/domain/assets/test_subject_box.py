"""The box of a subject: tight, whatever noise a compressed matte carries."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.assets.subject_box import subject_box
from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.synthesis.geometry.placement import Box


def person() -> GrayFrame:
    alpha = np.zeros((200, 300), np.uint8)
    alpha[60:180, 100:160] = 255
    return alpha


def box_of_anything_above_zero(alpha: GrayFrame) -> Box:
    """The rule of the tools that made the published sets."""
    x, y, width, height = cv2.boundingRect(alpha)
    return Box(x, y, x + width, y + height)


def test_one_noisy_pixel_in_a_corner_does_not_make_the_box_the_frame() -> None:
    alpha = person()
    alpha[0, 0] = 1
    alpha[199, 299] = 200
    assert subject_box(alpha) == Box(100, 60, 160, 180)
    assert box_of_anything_above_zero(alpha) == Box(0, 0, 300, 200)


def test_soft_hair_and_a_raised_hand_belong_to_the_subject() -> None:
    alpha = person()
    alpha[55:60, 110:150] = 9
    alpha[20:40, 40:60] = 255  # a hand that the matte does not join to the arm
    assert subject_box(alpha) == Box(40, 20, 160, 180)


def test_an_empty_matte_has_an_empty_box() -> None:
    assert subject_box(np.full((40, 40), 2, np.uint8)).empty
