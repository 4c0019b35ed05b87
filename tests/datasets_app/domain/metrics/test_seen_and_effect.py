"""How an object stands out and what its effects reach, against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.metrics.base import LayerFrames
from datasets_app.domain.metrics.effect_share import EffectShare
from datasets_app.domain.metrics.stands_out import LEAST, StandsOut
from tests.datasets_app.domain.metrics.clips import run

HEIGHT, WIDTH = 20, 30


def frame(step: int) -> LayerFrames:
    """An object of 4 x 5 pixels that is ``step`` levels brighter, and a shadow of 3 x 6."""
    removed = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    full, covered = removed.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
    covered[4:8, 10:15] = 255
    full[covered > 0] += np.uint8(step)
    full[14:17, 10:16] -= np.uint8(30)
    full[0, 0] += np.uint8(4)
    return {"alpha": covered, "rgb_full": full, "rgb_removed": removed}


def test_the_object_is_measured_where_it_is_and_its_effect_beyond() -> None:
    gone = dict(frame(40)) | {"alpha": np.zeros((HEIGHT, WIDTH), np.uint8)}
    clip = [frame(40), frame(20), gone]
    seen, effect = run(StandsOut(), clip), run(EffectShare(), clip)
    assert list(seen.frames[:2]) == pytest.approx([40, 20])
    assert seen.frames[2] is None
    assert seen.total == pytest.approx(30)
    assert seen.notes == ()
    shadow = 100 * 3 * 6 / (HEIGHT * WIDTH)
    assert list(effect.frames[:2]) == pytest.approx([shadow, shadow])
    assert effect.frames[2] == pytest.approx(shadow + 100 * 4 * 5 / (HEIGHT * WIDTH))


def test_an_object_that_never_stands_out_is_named_over_the_whole_clip() -> None:
    (note,) = run(StandsOut(), [frame(3)] * 4).notes
    assert (note.first, note.last) == (0, 3)
    assert note.strength == pytest.approx(1 - 3 / (2 * LEAST))
    assert not run(StandsOut(), [frame(7)] * 4).notes
