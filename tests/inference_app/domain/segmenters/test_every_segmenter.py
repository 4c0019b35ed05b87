"""What every segmenter keeps to: one answer per frame, hard masks, lasting numbers, same again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.crowd.guidance import GuideDraw
from datasets_app.domain.synthesis.crowd.guide_streams import Detections, GuideMatcher
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.segmenters import SEGMENTERS
from inference_app.domain.segmenters.base import Segmenter
from matteweb.errors import BadInput, Cancelled
from tests.scenes import texture

SIZE = FrameSize(112, 80)
FRAMES = 12
COLOURS = ((220, 60, 40), (40, 70, 220))


def alphas(frames: int = FRAMES, *, late: bool = False) -> Iterator[list[GrayFrame]]:
    """Two people who walk past each other; with ``late`` nobody is there at first."""
    for number in range(frames):
        both = []
        for centre in ((16 + 7 * number, 21), (96 - 7 * number, 59)):
            alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
            if number or not late:
                cv2.ellipse(alpha, centre, (9, 16), 0, 0, 360, 255, cv2.FILLED)
            both.append(np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1), np.uint8))
        yield both


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> ClipFile:
    path = tmp_path_factory.mktemp("segmenters") / "clip.mkv"
    place = cv2.GaussianBlur(texture(SIZE, 5), (0, 0), 4).astype(np.float32) * 0.6 + 60
    with RgbMasterWriter(path, SIZE, Fraction(25)) as out:
        for both in alphas():
            picture = place
            for alpha, colour in zip(both, COLOURS, strict=True):
                share = alpha[..., None] / 255
                picture = share * np.array(colour, np.float32) + (1 - share) * picture
            out.write(np.rint(picture).astype(np.uint8))
    return ClipFile(path, FRAMES, SIZE, "clip")


@cache
def found(slug: str, clip: ClipFile) -> list[Detections]:
    return list(SEGMENTERS[slug].segment(clip, alphas, ignore_progress, never_stop))


every = pytest.mark.parametrize("segmenter", list(SEGMENTERS), ids=lambda one: one.info.slug)


@every
def test_people_are_found_and_followed(segmenter: Segmenter, clip: ClipFile) -> None:
    matcher = GuideMatcher([GuideDraw(source="rough")] * 2)
    for both, detections in zip(alphas(), found(segmenter.info.slug, clip), strict=True):
        assert len(detections.masks) == len(set(detections.tracks))
        for mask in detections.masks:
            assert mask.shape == (SIZE.height, SIZE.width)
            assert set(np.unique(mask)) <= {0, 255}
        assert all(0 < track < 256 for track in detections.tracks)
        matcher.add(both, detections)
    said = matcher.report()
    assert all(one["matched"] >= FRAMES // 4 for one in said["instances"]), said


@every
def test_the_same_frames_give_the_same_masks(segmenter: Segmenter, clip: ClipFile) -> None:
    said: list[tuple[int, int | None]] = []
    again = segmenter.segment(clip, alphas, lambda *one: said.append(one), never_stop)
    for one, two in zip(found(segmenter.info.slug, clip), again, strict=True):
        assert one.tracks == two.tracks
        assert all(map(np.array_equal, one.masks, two.masks))
    assert said == [(number, FRAMES) for number in range(1, FRAMES + 1)]


@every
def test_it_stops_when_it_is_asked_to(segmenter: Segmenter, clip: ClipFile) -> None:
    with pytest.raises(Cancelled):
        list(segmenter.segment(clip, alphas, ignore_progress, lambda: True))


@every
def test_lengths_that_it_refuses_have_a_reason(segmenter: Segmenter) -> None:
    assert segmenter.refuses(FRAMES) == ""
    assert segmenter.refuses(1) == "" or "frame" in segmenter.refuses(1)


def test_nothing_is_carried_when_nobody_is_there_at_first(clip: ClipFile) -> None:
    with pytest.raises(BadInput, match="first frame"):
        people = lambda: alphas(late=True)  # noqa: E731
        list(SEGMENTERS["carried"].segment(clip, people, ignore_progress, never_stop))
