"""Which frames count as hard: unsure, flickering, or said otherwise by another model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from inference_app.domain.evaluation.hardness import FrameHardness, hardest, hardness_of

Gray = npt.NDArray[np.uint8]
HEIGHT, WIDTH, FRAMES = 48, 64, 6
RGB = np.random.default_rng(3).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)


def square(value: int = 255, left: int = 20) -> Gray:
    plane = np.zeros((HEIGHT, WIDTH), np.uint8)
    plane[12:36, left : left + 24] = value
    return plane


def measured(alphas: list[Gray], others: Sequence[list[Gray]] = ()) -> list[FrameHardness]:
    return list(hardness_of([RGB] * len(alphas), alphas, others))


def test_a_sure_and_steady_clip_is_not_hard() -> None:
    assert [one.score for one in measured([square()] * FRAMES)] == [0.0] * FRAMES


def test_a_half_alpha_is_as_unsure_as_can_be() -> None:
    found = measured([square(), square(128)])
    assert found[0].uncertainty == 0
    # 4 a (1 - a) is about 1 all over the square, whose area is a half of its pixels.
    assert found[1].uncertainty == pytest.approx(2, abs=0.02)


def test_a_jump_over_a_still_picture_is_flicker_where_it_happens() -> None:
    alphas = [square()] * 3 + [square(left=26)] * 3
    flickers = [one.flicker for one in measured(alphas)]
    assert flickers[3] == pytest.approx(0.5, abs=0.01)  # a quarter gone, a quarter new
    assert max(flickers[:3] + flickers[4:]) == 0


def test_another_model_that_says_otherwise_is_disagreement() -> None:
    others = [[square()] * 2 + [square(0)] + [square()] * 3]
    found = measured([square()] * FRAMES, others)
    assert [one.disagreement for one in found] == pytest.approx([0, 0, 1, 0, 0, 0])
    assert measured([square()])[0].disagreement is None


def test_streams_of_other_lengths_are_a_fault() -> None:
    with pytest.raises(ValueError, match="longer"):
        list(hardness_of([RGB], [square()] * 2))
    with pytest.raises(ValueError, match="longer"):
        measured([square()], [[square()] * 2])
    with pytest.raises(ValueError, match="shorter"):
        measured([square()] * 2, [[square()]])


def test_the_hardest_are_apart_from_each_other() -> None:
    rows = [FrameHardness(frame, value, 0.0, None) for frame, value in enumerate([1, 9, 8, 2, 7])]
    assert [one.frame for one in hardest(rows, 2, 1)] == [1, 2]
    assert [one.frame for one in hardest(rows, 3, 3)] == [1, 4]
