"""Cases for fusion as files: whatever a clip is called, made once, and told as in use."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.evaluation.robot import Labels
from inference_app.domain.evaluation.sequences import LabelStack, Sequence
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.fused import FusedSession
from inference_app.domain.interactive.meetings import Meeting
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.spans import Leg, run_leg
from inference_app.domain.training.fusion_cases import (
    FusionSet,
    Unopened,
    cases_of,
    fusion_set_make,
)
from matteweb.errors import BadInput
from tests.inference_app.domain.interactive.moving import FRAMES, pictures, true_mask

SPAN = 4


def moving(name: str, objects: int = 1, frames: int = SPAN + 1) -> Sequence:
    labels = [
        np.max([n * true_mask(frame, n) for n in range(1, objects + 1)], axis=0).astype(np.uint8)
        for frame in range(frames)
    ]
    return Sequence(name, pictures(frames), LabelStack(labels), objects)


def made(folder: Path, *clips: Unopened, every: int = SPAN) -> FusionSet:
    return fusion_set_make(
        clips, folder, every=every, flow_folder=folder / "flow", progress=ignore_progress,
        should_stop=never_stop,
    )  # fmt: skip


def unopened(name: str) -> Unopened:
    return name, lambda: moving(name)


def test_clips_may_be_called_anything_and_nothing_lands_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "set"
    names = ["shoot/take 1", "../../away", f"{tmp_path}/absolute", "long " * 60]
    found = made(folder, *map(unopened, names))
    assert {case.clip for case in found.cases} == set(names)
    assert all(found.planes(number).any() for number in range(len(found.cases)))
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["set"]
    assert len(list((folder / "flow").iterdir())) == len(names)


def test_two_clips_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="2 clips are called 'bear'"):
        made(tmp_path, unopened("bear"), unopened("bear"))


def test_a_finished_clip_is_not_even_opened_again(tmp_path: Path) -> None:
    def never() -> Sequence:
        raise AssertionError("it was opened")

    first = made(tmp_path, unopened("bear"))
    assert made(tmp_path, ("bear", never)).digest == first.digest


def test_cases_that_were_made_otherwise_are_made_anew(tmp_path: Path) -> None:
    assert {case.path[-10:-4] for case in made(tmp_path, unopened("bear")).cases} == {
        "000001", "000002", "000003",
    }  # fmt: skip
    nearer = made(tmp_path, unopened("bear"), every=2)
    assert {case.path[-10:-4] for case in nearer.cases} == {"000001", "000003"}
    assert len(list(tmp_path.glob("*/*.png"))) == 2  # those of before are gone
    (listed,) = tmp_path.glob("*.json")
    listed.write_text(json.dumps(json.loads(listed.read_text()) | {"version": 0, "cases": []}))
    assert len(made(tmp_path, unopened("bear"), every=2).cases) == 2


class Counted(PictureList):
    """Pictures that count how often each is read."""

    reads: Counter[int]

    def __getitem__(self, number: int) -> RgbFrame:
        self.reads[number] += 1
        return super().__getitem__(number)


class CountedTruth(LabelStack):
    """Labels that count how often each is read."""

    reads: Counter[int]

    def __getitem__(self, number: int) -> Labels:
        self.reads[number] += 1
        return super().__getitem__(number)


class CountedFlow(FlowSource):
    """Motion that counts how often it is asked for what it does not remember."""

    made = 0

    def _stored(self, start: int, end: int) -> npt.NDArray[np.int16]:
        self.made += 1
        return super()._stored(start, end)


def work(objects: int) -> tuple[Counter[int], Counter[int], int]:
    clip = moving("clip", objects, FRAMES)
    shown = Counted([clip.pictures[frame] for frame in range(FRAMES)])
    truth = CountedTruth([clip.truth[frame] for frame in range(FRAMES)])
    shown.reads, truth.reads = Counter(), Counter()
    flow = CountedFlow(shown)
    counted = Sequence("clip", shown, truth, objects)
    for _ in cases_of(counted, flow, every=FRAMES - 1, should_stop=never_stop):
        pass
    return shown.reads, truth.reads, flow.made


def test_frames_and_motion_are_read_once_for_all_objects() -> None:
    (one, one_truth, one_flow), (two, two_truth, two_flow) = work(1), work(2)
    inner = range(1, FRAMES - 1)
    assert all(two_truth[frame] == 1 for frame in inner) and two_truth == one_truth
    assert all(two[frame] == one[frame] for frame in inner)
    assert two_flow == one_flow


def test_a_network_is_told_the_same_in_use_as_while_it_learns() -> None:
    labels = [true_mask(frame).astype(np.uint8) for frame in range(SPAN + 1)]
    labels[SPAN][40:52, 20:40] = 1  # what only a correction of the last frame says
    clip = Sequence("clip", pictures(SPAN + 1), LabelStack(labels), 1)
    flow = FlowSource(clip.pictures)
    cases = list(cases_of(clip, flow, every=SPAN, should_stop=never_stop))
    references = {n: {1: labels[n].astype(np.float32)} for n in (0, SPAN)}
    leg = Leg(0, SPAN, False)
    *_, carried = run_leg(clip.pictures, flow, references, [1], leg, never_stop)
    before = {SPAN: {1: in_bytes(carried.masks[0])}}
    heard: list[Meeting] = []

    def listen(meeting: Meeting) -> SoftMask:
        heard.append(meeting)
        return meeting.mean

    session = FusedSession(clip.pictures, flow, listen)
    for frame, masks in references.items():
        session.refer(frame, 1, masks[1])
    list(session.propagate(SPAN, [1], never_stop, before))
    assert [case.frame for case in cases] == [3, 2, 1] and len(heard) == 3
    assert all(case.meeting.plus.sum() > 50 for case in cases)
    for case in cases:
        picture = clip.pictures[case.frame]
        meeting = next(one for one in heard if np.array_equal(one.picture, picture))
        told = replace(meeting, old=in_bytes(meeting.old), new=in_bytes(meeting.new))
        window = told.window()
        assert window is not None
        used, learned = told.cut(window).planes(), case.meeting.planes()
        assert used.shape == learned.shape
        # A trust is rounded to bytes before it becomes a weight, or not at all.
        assert np.abs(used - learned).max() < 1 / 255
        assert np.array_equal(used[:5], learned[:5]) and np.array_equal(used[7:9], learned[7:9])


def in_bytes(plane: SoftMask) -> SoftMask:
    """Return it as cases and waiting frames keep it."""
    return np.asarray(np.round(plane * 255).astype(np.uint8), np.float32) / 255
