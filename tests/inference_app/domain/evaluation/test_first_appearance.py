"""The semi-supervised protocol of YouTube-VOS on planted cases: what counts, and of what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.progress import ShouldStop, never_stop
from inference_app.domain.evaluation.mask_protocols import PROTOCOLS
from inference_app.domain.evaluation.protocols import first_appearance, tell_nobody
from inference_app.domain.evaluation.sequences import LabelStack
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.interactive.base import EngineSession, FrameMasks
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import ScribbleSession

FRAMES, HEIGHT, WIDTH = 5, 16, 24


def _labels(frame: int) -> np.ndarray:
    """Object 1 rests from the first frame on, object 2 from frame 2 on."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[2:6, 2:10] = 1
    if frame >= 2:
        labels[8:12, 2:10] = 2
    return labels


class Copying(ScribbleSession):
    """Carries what it was told; of object 2 the half, so that its J is known."""

    def __init__(self, clip: Clip) -> None:
        self.told: list[tuple[int, int]] = []
        self.clip = clip
        self.references = {}

    def refer(self, frame: int, object_: int, mask: SoftMask) -> None:
        self.told.append((frame, object_))
        self.references.setdefault(frame, {})[object_] = mask

    def propagate(
        self,
        frame: int,
        objects: Sequence[int],
        should_stop: ShouldStop,
        before: Mapping[int, Mapping[int, SoftMask]] | None = None,
    ) -> Iterator[FrameMasks]:
        for other in range(FRAMES):
            masks = {n: self.references[frame][n].copy() for n in objects}
            if 2 in masks:
                masks[2][:, 6:] = 0
            yield FrameMasks(other, masks, dict.fromkeys(masks, 1.0))


@pytest.fixture
def clip() -> Clip:
    pictures = PictureList([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * FRAMES)
    return Clip("clip", pictures, LabelStack([_labels(f) for f in range(FRAMES)]), 2)


def test_each_object_is_told_where_it_comes_first_and_counts_after_that(clip: Clip) -> None:
    sessions: list[Copying] = []

    def opened(sequence: Any) -> EngineSession:
        sessions.append(Copying(sequence))
        return sessions[-1]

    heard: list[int] = []
    both = first_appearance(
        clip, opened, (1, 2), never_stop, lambda frame, found, score: heard.append(frame)
    )
    assert sessions[0].told == [(0, 1), (2, 2)]
    assert heard == [1, 2, 3, 4]
    # Object 1 is whole on frames 1 to 4, object 2 a half of itself on frames 3 and 4.
    assert both.j == pytest.approx((1 + 0.5) / 2)
    assert first_appearance(clip, opened, (1,), never_stop).j == 1
    assert first_appearance(clip, opened, (2,), never_stop).j == pytest.approx(0.5)


def test_seen_and_unseen_kinds_are_apart_and_a_clip_without_them_is_left_out(clip: Clip) -> None:
    known = Clip(clip.name, clip.pictures, clip.truth, 2, frozenset({1}))
    results = {
        name: PROTOCOLS[name].run(known, Copying, never_stop, tell_nobody)
        for name in ("seen", "unseen")
    }
    figures = {name: found.figures[0] for name, found in results.items() if found is not None}
    assert figures == {"seen": 1, "unseen": pytest.approx(0.5)}
    for name in ("seen", "unseen"):
        assert PROTOCOLS[name].run(clip, Copying, never_stop, tell_nobody) is None
