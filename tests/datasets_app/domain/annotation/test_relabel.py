"""What a person did by hand in the annotation file: a fault turns the object that it lies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.domain.annotation.cvat_xml import read_cvat
from datasets_app.domain.annotation.relabel import (
    LabelRule,
    Relabelling,
    changes,
    labelled_frames,
    labels_of,
    relabelled,
)
from datasets_app.domain.annotation.tracks import Tracks
from matteweb.errors import BadInput
from tests.layout_cases.cvat_video import LEFT, RIGHT, SCRATCH, STAIN, xml_of


def read(folder: Path, *tracks: str) -> Tracks:
    path = folder / "1.xml"
    path.write_text(xml_of(*tracks))
    return read_cvat(path, [])


def suggested(tracks: Tracks, **other: object) -> Relabelling:
    rule = Relabelling.suggested(labels_of(tracks))
    return Relabelling.model_validate({**rule.model_dump(), **other})


def test_a_fault_turns_the_object_that_it_overlaps_on_its_frames_and_disappears(
    tmp_path: Path,
) -> None:
    tracks = read(tmp_path, LEFT, RIGHT, SCRATCH)
    rule = suggested(tracks)
    (change,) = changes(tracks, rule)
    assert (change.track, change.becomes, change.frames, change.because) == (
        0,
        "defective",
        (2, 3),
        (2,),
    )
    labels = {(one.track, one.shape.frame): one.label for one in labelled_frames(tracks, rule)}
    assert {frame: labels[0, frame] for frame in range(7)} == {
        **dict.fromkeys((0, 1, 4, 5, 6), "good"),
        2: "defective",
        3: "defective",
    }
    assert {labels[1, frame] for frame in range(7)} == {"good"}
    assert not any(track == 2 for track, _ in labels)


def test_only_the_frames_rule_turns_what_is_merely_visible_at_the_same_time(tmp_path: Path) -> None:
    # The rule by which the file was edited by hand looked at frames alone: with two bottles in
    # view it turned both.
    tracks = read(tmp_path, LEFT, RIGHT, SCRATCH)
    assert [one.track for one in changes(tracks, suggested(tracks, match="frames"))] == [0, 1]
    assert [one.track for one in changes(tracks, suggested(tracks))] == [0]


def test_the_group_of_an_object_turns_with_it(tmp_path: Path) -> None:
    cap = RIGHT.replace('label="bottle"', 'label="bottle" group_id="1"')
    tracks = read(tmp_path, LEFT, cap, SCRATCH)
    found = {one.track: one.frames for one in changes(tracks, suggested(tracks))}
    assert found == {0: (2, 3), 1: (2, 3)}


def test_a_fault_of_a_group_belongs_to_the_objects_of_that_group(tmp_path: Path) -> None:
    scratch = SCRATCH.replace('label="defect"', 'label="defect" group_id="1"')
    tracks = read(tmp_path, LEFT, RIGHT, scratch)
    assert [one.track for one in changes(tracks, suggested(tracks, match="group"))] == [0]
    alone = read(tmp_path, LEFT, RIGHT, SCRATCH)
    assert changes(alone, suggested(alone, match="group")) == []


def test_a_whole_track_may_be_turned_and_a_person_may_decide_otherwise(tmp_path: Path) -> None:
    tracks = read(tmp_path, LEFT, RIGHT, SCRATCH)
    (whole,) = changes(tracks, suggested(tracks, whole_track=True))
    assert whole.frames == tuple(range(7))
    decided = suggested(tracks, overrides={0: "good", 1: ""})
    labels = {(one.track, one.label) for one in labelled_frames(tracks, decided)}
    assert labels == {(0, "good")}
    assert all(change.by_hand for change in changes(tracks, decided))


def test_a_fault_that_hardly_touches_turns_nothing(tmp_path: Path) -> None:
    far = SCRATCH.replace("8.0,10.0;14.0,10.0;14.0,18.0", "25.0,10.0;35.0,10.0;35.0,18.0")
    tracks = read(tmp_path, LEFT, RIGHT, far)
    assert changes(tracks, suggested(tracks)) == []


def test_the_edited_file_is_what_a_person_would_have_written(tmp_path: Path) -> None:
    tracks = read(tmp_path, LEFT, RIGHT, SCRATCH)
    edited = relabelled(tracks, suggested(tracks))
    assert [(one.number, one.label, one.first, one.last) for one in edited.tracks] == [
        (0, "good", 0, 1),
        (3, "defective", 2, 3),
        (4, "good", 4, 6),
        (1, "good", 0, 6),
    ]


def test_corners_between_keyframes_lie_evenly_between(tmp_path: Path) -> None:
    tracks = read(tmp_path, LEFT)
    lefts = [shape.box.left for shape in tracks.tracks[0].visible()]
    assert lefts == [2.5, 3.5, 4.5, 5.5, 6.5, 6.5, 6.5]


def test_a_mask_keeps_its_runs(tmp_path: Path) -> None:
    (track,) = read(tmp_path, STAIN).tracks
    assert track.shapes[0].runs == (1, 4, 3)
    assert [shape.frame for shape in track.visible()] == [5]


def test_a_mapping_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="name of a class"):
        Relabelling.read({"labels": {"bottle": {"role": "object", "label": " "}}})
    with pytest.raises(BadInput, match="cannot be used"):
        Relabelling.read({"labels": {}, "match": "nearest"})
    assert LabelRule(role="ignore").label == ""
