"""Far from the mask an alpha is exactly 0, a haze goes, and what is soft stays."""

from __future__ import annotations

import numpy as np
import pytest

from inference_app.domain.colour_agreement import UNIT
from inference_app.domain.solid_places import FAR, HAZE, NEAR, settled

HEIGHT, WIDTH = UNIT, 2 * UNIT
MASK = np.zeros((HEIGHT, WIDTH), np.uint8)
MASK[:, :20] = 255


@pytest.mark.parametrize("enlarged", [1, 3])
def test_what_looks_like_the_object_but_lies_far_from_its_mask_is_nothing(enlarged: int) -> None:
    mask = np.kron(MASK, np.ones((enlarged, enlarged), np.uint8))
    found = settled(np.full(mask.shape, 0.7, np.float32), mask)
    column = found[HEIGHT // 2, ::enlarged]
    assert (column[20 + FAR :] == 0).all()
    assert column[: 20 + NEAR - 1] == pytest.approx(column[0])
    assert (np.diff(column) <= 1e-6).all()


@pytest.mark.parametrize("hint", [None, np.zeros_like(MASK)])
def test_without_a_mask_nothing_is_far(hint: np.ndarray | None) -> None:
    alpha = np.full(MASK.shape, 0.5, np.float32)
    assert settled(alpha, hint) == pytest.approx(alpha)


def test_a_haze_is_nothing_and_nearly_all_is_all() -> None:
    alpha = np.array([[0, HAZE, 0.5, 1 - HAZE, 1]], np.float32)
    assert settled(alpha, None).tolist() == [[0, 0, 0.5, 1, 1]]
