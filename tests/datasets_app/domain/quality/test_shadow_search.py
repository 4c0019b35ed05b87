"""A shadow that comes and goes: how much darker it has to get, and in which frames it is."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.shadow_outline import SHADOWS, Change
from datasets_app.domain.quality.shadow_search import coming

FRAMES = 40
COMES, GOES = 10, 26


def changes(height: float, elsewhere: float = 0.0) -> dict[int, Change]:
    """Return a clip in which it gets darker by ``height`` and lighter again, around one shadow;
    ``elsewhere``: how much all other frames change."""
    made = {}
    for number in range(1, FRAMES):
        darker, lighter, depth = (np.zeros(SHADOWS, np.float16) for _ in range(3))
        darker[7] = lighter[9] = elsewhere
        if number == COMES:
            darker[3] = depth[3] = height
        elif number == GOES:
            lighter[3], depth[3] = height, -height
        made[number] = Change(darker, lighter, depth)
    return made


@pytest.mark.parametrize(
    ("height", "gray", "found"),
    [(0.05, False, False), (0.08, False, True), (0.08, True, False), (0.2, True, True)],
)
def test_a_film_without_colour_needs_twice_the_evidence(
    height: float, gray: bool, found: bool
) -> None:
    shadow = coming(changes(height), FRAMES, gray=gray)
    assert (shadow is not None) == found
    if shadow is not None:
        assert (shadow.first, shadow.last) == (COMES, GOES - 1)
        assert shadow.depth == pytest.approx(1 - np.exp(-height), abs=0.01)


def test_what_happens_in_this_clip_anyway_counts_less() -> None:
    assert coming(changes(0.1, elsewhere=0.02), FRAMES, gray=False) is not None
    assert coming(changes(0.1, elsewhere=0.06), FRAMES, gray=False) is None
