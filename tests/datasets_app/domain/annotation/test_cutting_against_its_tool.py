"""Cutting by annotations where the tool that did it first went wrong.

What cutting is held to stands in a function, and the tool's way has to fail it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from datasets_app.domain.annotation.cutting import Annotated, CutParams, plan_cuts
from datasets_app.domain.annotation.cvat_xml import read_cvat
from datasets_app.domain.annotation.relabel import LabelRule, Relabelling
from datasets_app.domain.media.frames import FrameSize
from tests.layout_cases.cvat_video import LEFT, RIGHT, SCRATCH, xml_of

SIZE = FrameSize(64, 48)


def annotated(tmp_path: Path, *tracks: str, rule: Relabelling | None = None) -> Annotated:
    path = tmp_path / "1.xml"
    path.write_text(xml_of(*tracks))
    found = read_cvat(path, [])
    labels = {track.label for track in found.tracks}
    return Annotated("1", found, rule or Relabelling.suggested(sorted(labels)), 8, SIZE)


def test_a_margin_is_a_share_of_the_box_where_scaled_coordinates_cut_by_place(
    tmp_path: Path,
) -> None:
    video = annotated(tmp_path, LEFT, RIGHT)

    # Both boxes are about as wide; the second lies farther to the right.
    boxes = ((2.5, 20.0), (36.0, 54.0))

    def ours(track: int, margin: float) -> float:
        cuts = plan_cuts([video], CutParams(margin=margin))
        left, _, right, _ = next(
            c.edges for c in cuts if (c.track, c.frame) == (track, 0) if c.edges
        )
        return right - left

    def by_coordinates(track: int, margin: float) -> float:
        left, right = boxes[track]
        return right * (1 - margin) - left * (1 + margin)

    def changes_both_alike(width: Callable[[int, float], float]) -> None:
        first, second = (width(track, 0.1) - width(track, 0) for track in (0, 1))
        assert abs(first - second) <= 1

    changes_both_alike(ours)
    with pytest.raises(AssertionError):
        changes_both_alike(by_coordinates)


def test_every_box_of_a_frame_is_cut_where_a_table_by_frame_keeps_one(tmp_path: Path) -> None:
    video = annotated(tmp_path, LEFT, RIGHT)
    cuts = [one for one in plan_cuts([video], CutParams()) if one.frame == 2]

    def holds_both_boxes(found: Collection[object]) -> None:
        assert len(found) == 2

    holds_both_boxes(cuts)
    with pytest.raises(AssertionError):
        holds_both_boxes({one.frame: one for one in cuts})


def test_a_label_is_what_somebody_says_it_is_and_not_a_defect_by_default(tmp_path: Path) -> None:
    cap = RIGHT.replace('label="bottle"', 'label="cap"')
    rule = Relabelling(
        labels={
            "bottle": LabelRule(role="object", label="good"),
            "cap": LabelRule(role="ignore"),
            "defect": LabelRule(role="fault", label="defective"),
        }
    )
    video = annotated(tmp_path, LEFT, cap, SCRATCH, rule=rule)

    def is_without_the_cap(tracks: Collection[int | None]) -> None:
        assert set(tracks) == {0}

    is_without_the_cap({one.track for one in plan_cuts([video], CutParams())})
    objects = [track.label for track in video.tracks.tracks if track.label != "defect"]
    classes = ["good" if label == "bottle" else "defect" for label in objects]
    with pytest.raises(AssertionError):  # a cap is a defect
        is_without_the_cap(range(len(classes)))
