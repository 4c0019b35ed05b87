"""Masks of a segmenter become guidance: matched, stood in for, kept when they belong to nobody."""

from __future__ import annotations

import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.synthesis.crowd.guidance import GuideDraw
from datasets_app.domain.synthesis.crowd.guide_streams import Detections, GuideMatcher

DRAWS = [GuideDraw(source="rough", threshold=127)] * 2


def block(left: int, right: int, level: int = 255) -> GrayFrame:
    made = np.zeros((20, 60), np.uint8)
    made[4:16, left:right] = level
    return made


def test_each_person_gets_its_own_mask_in_whatever_order_they_come() -> None:
    one, two = block(2, 22), block(30, 52)
    matcher = GuideMatcher(DRAWS)
    made = matcher.add([one, two], Detections((block(31, 52), block(2, 21)), (8, 3)))
    assert np.array_equal(made.masks[0], block(2, 21))
    assert np.array_equal(made.masks[1], block(31, 52))
    assert not made.unmatched.any()
    said = matcher.report()
    assert [one["matched"] for one in said["instances"]] == [1, 1]
    assert said["instances"][0]["iou"] == f"{19 / 20:.4f}"


def test_who_was_missed_gets_a_stand_in_and_a_mask_of_nobody_is_kept() -> None:
    one, two = block(2, 22), block(30, 50)
    matcher = GuideMatcher(DRAWS)
    made = matcher.add([one, two], Detections((one, block(53, 58)), (1, 9)))
    assert made.masks[1].any()
    assert set(np.unique(made.unmatched)) == {0, 9}
    assert np.array_equal(made.unmatched == 9, block(53, 58) > 0)
    said = matcher.report()
    assert said["instances"][1] == {"iou": "", "matched": 0, "synthetic": 1, "absent": 0}
    assert said["unmatched"] == 1


def test_a_person_keeps_its_track_and_a_switch_is_counted_and_loses_no_mask() -> None:
    one, two = block(2, 22), block(30, 50)
    matcher = GuideMatcher(DRAWS)
    matcher.add([one, two], Detections((one, two), (1, 2)))
    made = matcher.add([one, two], Detections((one, two), (2, 1)))
    said = matcher.report()
    assert said["switches"] == 2
    assert [one["synthetic"] for one in said["instances"]] == [1, 1]
    assert set(np.unique(made.unmatched)) == {0, 1, 2}
    assert np.array_equal(made.unmatched == 2, one > 0), "what stood there is kept as nobody's"


def test_who_is_not_to_be_seen_is_neither_missed_nor_made_up() -> None:
    matcher = GuideMatcher(DRAWS)
    made = matcher.add([block(2, 22), block(0, 0)], Detections((block(2, 22),), (1,)))
    assert not made.masks[1].any()
    assert matcher.report()["instances"][1] == {
        "iou": "", "matched": 0, "synthetic": 0, "absent": 1
    }  # fmt: skip


def test_no_pixel_is_in_two_masks() -> None:
    one, two = block(2, 30, 200), block(24, 52, 255)
    matcher = GuideMatcher(DRAWS, least=0.5)
    made = matcher.add([one, two], Detections((block(2, 32), block(22, 52)), (1, 2)))
    assert not ((made.masks[0] > 0) & (made.masks[1] > 0)).any()
