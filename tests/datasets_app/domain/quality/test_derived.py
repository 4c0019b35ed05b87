"""Derived layers: what can be made of what, and that they are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.quality.derived import Deriver, is_known, warped
from tests.scenes import texture

LARGE = FrameSize(960, 480)


@pytest.mark.parametrize(
    ("layer", "given", "known"),
    [
        ("object", ("mask",), True),
        ("object_small", ("alpha",), True),
        ("object", ("rgb_full",), False),
        ("flow", ("rgb_full",), True),
        ("flow_removed", ("rgb_full",), False),
        ("alpha_truth", ("alpha",), False),
    ],
)
def test_a_layer_is_known_when_it_is_given_or_can_be_made(
    layer: str, given: tuple[str, ...], known: bool
) -> None:
    assert is_known(layer, given) is known


def test_the_object_is_the_alpha_else_what_the_mask_removes() -> None:
    deriver = Deriver(["object"], FrameSize(3, 1))
    mask = np.array([[0, 128, 255]], np.uint8)
    alpha = np.array([[7, 8, 9]], np.uint8)
    assert deriver.add({"mask": mask})["object"].tolist() == [[255, 0, 0]]
    assert deriver.add({"mask": mask, "alpha": alpha})["object"].tolist() == [[7, 8, 9]]


def test_small_layers_are_averages_over_areas_and_at_most_480_long() -> None:
    picture = texture(LARGE, 1)
    small = Deriver(["rgb_full_small"], LARGE).add({"rgb_full": picture})["rgb_full_small"]
    expected = picture.reshape(240, 2, 480, 2, 3).mean(axis=(1, 3))
    assert small.shape == (240, 480, 3)
    assert np.abs(small - expected).max() <= 0.5


def test_flow_lays_the_frame_before_over_this_one() -> None:
    size = FrameSize(160, 96)
    before = texture(size, 2)
    now = np.roll(before, 3, 1)
    deriver = Deriver(["flow"], size)
    assert "flow" not in deriver.add({"rgb_full": before})
    flow = deriver.add({"rgb_full": now})["flow"]
    inner = (slice(10, -10), slice(20, -20))
    assert np.median(flow[inner][..., 0]) == pytest.approx(-3, abs=0.2)
    error = np.abs(warped(before, flow).astype(int) - now)[inner]
    assert error.mean() < 0.2 * np.abs(before.astype(int) - now)[inner].mean()
