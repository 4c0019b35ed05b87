"""Timing: a layer that is taken from a neighbouring frame is found, one that fits is not."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.timing import Timing
from datasets_app.domain.synthesis.compositing import trimask
from tests.datasets_app.domain.metrics.clips import SIZE, disc, over, picture, places, run


def clip(frames: int = 24) -> list[dict[str, np.ndarray]]:
    """Return an object that goes right over a scene that goes left."""
    made = []
    for number in range(frames):
        alpha = disc(x=24 + 2 * number, radius=10)
        removed = np.roll(picture(5), -number, 1)
        mask = trimask.blank(SIZE, "trimask")
        trimask.remove(mask, alpha, 2)
        full = over(alpha, picture(6), removed)
        made.append({"rgb_full": full, "rgb_removed": removed, "alpha": alpha, "mask": mask})
    return made


def without_alpha(frames: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
    """Return the same as an imported tuple."""
    return [{name: one[name] for name in ("rgb_full", "rgb_removed", "mask")} for one in frames]


@pytest.mark.parametrize("step", [-1, 1])
@pytest.mark.parametrize(
    ("layer", "alpha"),
    [
        ("mask", True),
        ("alpha", True),
        ("rgb_removed", True),
        ("rgb_removed", False),
        ("mask", False),
    ],
)
def test_a_layer_from_the_next_frame_or_the_one_before_is_found_where_it_is(
    layer: str, alpha: bool, step: int
) -> None:
    frames = clip()
    for number in range(8, 16):
        frames[number] = {**frames[number], layer: clip()[number + step][layer]}
    notes = run(Timing(), frames if alpha else without_alpha(frames)).notes
    [(first, last)] = places(notes)
    assert layer in notes[0].symptom.layers
    assert ("rgb_removed" in notes[0].symptom.layers) == (layer == "rgb_removed")
    # The median of five frames blurs where a mask without an alpha begins to be late.
    off = 1 if alpha or layer != "mask" else 2
    assert abs(first - 8) <= off
    assert abs(last - 15) <= off


@pytest.mark.parametrize("alpha", [True, False])
def test_layers_that_fit_gain_nothing_from_their_neighbours(alpha: bool) -> None:
    result = run(Timing(), clip() if alpha else without_alpha(clip()))
    assert result.notes == ()
    assert (result.frames[0], result.frames[-1]) == (None, None)


def test_a_clip_too_short_to_have_neighbours_has_no_numbers() -> None:
    assert run(Timing(), clip(2)).frames == (None, None)
    assert run(Timing(), clip(1)).frames == (None,)
