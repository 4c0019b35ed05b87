"""Edge crops: the hardest parts, inside the frame, spread over the clip."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.quality.edge_crops import WANTED, EdgeCrop, EdgeCropSearch

SIZE = FrameSize(640, 384)


def hairy(x: int, y: int) -> GrayFrame:
    """Return a hard disc at the left, and soft strands around (x, y)."""
    alpha = np.zeros((SIZE.height, SIZE.width), np.uint8)
    cv2.circle(alpha, (90, 200), 40, 255, cv2.FILLED)
    for turn in np.linspace(0, 2 * np.pi, 24):
        end = (round(x + 50 * np.cos(turn)), round(y + 50 * np.sin(turn)))
        cv2.line(alpha, (x, y), end, 140, 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.2), np.uint8)


def search(frames: int) -> list[EdgeCrop]:
    """Return the crops of a clip whose hair moves."""
    crops = EdgeCropSearch(SIZE)
    for number in range(frames):
        crops.add(
            cv2.resize(hairy(300 + 4 * number, 180), (480, 288), interpolation=cv2.INTER_AREA)
        )
    return crops.finish()


def test_the_hardest_crops_hold_the_hair_and_not_the_hard_disc() -> None:
    for number, crop in enumerate(search(60)):
        middle = crop.x + crop.width / 2, crop.y + crop.height / 2
        assert abs(middle[0] - (300 + 4 * crop.frame)) < 60, number
        assert abs(middle[1] - 180) < 60


def test_there_is_one_crop_for_each_sixth_of_the_clip() -> None:
    assert sorted(crop.frame // 10 for crop in search(60)) == list(range(WANTED))


def test_crops_lie_inside_the_frame_and_the_hardest_comes_first() -> None:
    crops = search(7)
    assert 1 <= len(crops) <= WANTED
    assert [crop.hardness for crop in crops] == sorted((c.hardness for c in crops), reverse=True)
    for crop in crops:
        assert 0 <= crop.x <= SIZE.width - crop.width
        assert 0 <= crop.y <= SIZE.height - crop.height


def test_a_clip_without_an_edge_has_no_crops_and_a_tiny_one_has_small_ones() -> None:
    empty = EdgeCropSearch(SIZE)
    empty.add(np.zeros((288, 480), np.uint8))
    assert empty.finish() == []
    tiny = EdgeCropSearch(FrameSize(64, 48))
    tiny.add(cv2.resize(hairy(300, 180), (64, 48), interpolation=cv2.INTER_AREA))
    assert [(crop.width, crop.height) for crop in tiny.finish()][:1] == [(64, 48)]
