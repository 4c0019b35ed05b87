"""Fusion, learned: cases that the engine really makes, a training that goes on, an engine that
listens to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.evaluation.sequences import LabelStack, Sequence
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.fused import FusedEngine, FusedSession
from inference_app.domain.interactive.meetings import Meeting
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.networks.fusion_net import (
    FusionNet,
    FusionShape,
    LearnedFusion,
    load_fusion,
    save_fusion,
)
from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.domain.training.fusion_cases import (
    FusionSet,
    PaintedClips,
    Unopened,
    fusion_set_make,
    meeting_of,
    read_fusion_set,
)
from inference_app.domain.training.fusion_loop import STATE, hardest_loss, train_fusion
from inference_app.domain.training.fusion_plan import FusionPlan
from matteweb.errors import BadInput, Cancelled, OutOfMemory
from tests.inference_app.domain.interactive.moving import (
    FRAMES,
    HEIGHT,
    WIDTH,
    numbers,
    pictures,
    session,
    true_mask,
)

EVERY = 4
PLAN = FusionPlan(steps=6, batch=2, side=32, width=8, blocks=1, save_every=2, rate=1e-2)


def moving(name: str = "moving") -> Sequence:
    return Sequence(name, pictures(), LabelStack([numbers(frame) for frame in range(FRAMES)]), 2)


def made(folder: Path, *clips: Sequence) -> FusionSet:
    return fusion_set_make(
        unopened(*(clips or [moving()])), folder, every=EVERY, flow_folder=None,
        progress=ignore_progress, should_stop=never_stop,
    )  # fmt: skip


def unopened(*clips: Sequence) -> list[Unopened]:
    return [(clip.name, partial(_itself, clip)) for clip in clips]


def _itself(clip: Sequence) -> Sequence:
    return clip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> FusionSet:
    return made(tmp_path_factory.mktemp("cases"))


def trained(cases: FusionSet, folder: Path, plan: FusionPlan = PLAN, stop_at: int = -1) -> Path:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) == stop_at

    done = train_fusion(
        plan.model_copy(update={"data": cases.digest}), cases, folder, init=None,
        device=Device("cpu"), progress=ignore_progress, should_stop=should_stop,
        report=lambda entry: None,
    )  # fmt: skip
    return done.path


def test_a_case_holds_what_the_engine_meets_and_the_truth(cases: FusionSet) -> None:
    # References on frames 0, 4, 8 and 9: the frames between them, of both objects.
    frames = {int(case.path.rsplit("-", 1)[1][:6]) for case in cases.cases}
    assert frames == {1, 2, 3, 5, 6, 7} and len(cases.cases) == 12
    first = next(n for n, case in enumerate(cases.cases) if case.path.endswith("000002.png"))
    meeting, truth = meeting_of(cases.planes(first))
    assert ((meeting.mean > 0.5) == (truth > 0.5)).mean() > 0.9
    # In the middle of the span both sides are as near; a weight is never more than that.
    assert 0 < meeting.old_weight.max() <= 0.5 and 0 < meeting.new_weight.max() <= 0.5
    assert meeting.window() is not None


def test_a_meeting_says_by_its_mean_what_the_session_says(cases: FusionSet) -> None:
    opened, listening = (
        session(),
        FusedSession(pictures(), FlowSource(pictures()), lambda one: one.mean),
    )
    for one in (opened, listening):
        for frame in (0, 4):
            one.refer(frame, 1, true_mask(frame))
    expected = {done.frame: done.masks[1] for done in opened.propagate(4, [1], never_stop)}
    found = {done.frame: done.masks[1] for done in listening.propagate(4, [1], never_stop)}
    assert sorted(found) == sorted(expected)
    for frame in found:
        assert np.allclose(found[frame], expected[frame], atol=2e-3), frame


def test_a_correction_is_told_to_the_network_where_it_is_carried() -> None:
    heard: list[Meeting] = []

    def listen(meeting: Meeting) -> SoftMask:
        heard.append(meeting)
        return meeting.mean

    clip = pictures()
    opened = FusedSession(clip, FlowSource(clip), listen)
    opened.refer(0, 1, true_mask(0))
    before = {done.frame: done.masks for done in opened.propagate(0, [1], never_stop)}
    wrong = np.zeros((HEIGHT, WIDTH), np.float32)
    wrong[:20] = 1  # the round before had nothing below row 20
    before[6] = {1: before[6][1] * wrong}
    opened.refer(6, 1, true_mask(6))
    list(opened.propagate(6, [1], never_stop, before))
    assert len(heard) == 5
    added = np.mean([meeting.plus[20:].sum() for meeting in heard])
    assert added > 20 > np.mean([meeting.minus[20:].sum() for meeting in heard])


def test_a_killed_making_goes_on_after_its_last_clip(tmp_path: Path, cases: FusionSet) -> None:
    stops = iter([False] * 9 + [True] * 99)
    with pytest.raises(Cancelled):
        fusion_set_make(
            unopened(moving("one"), moving("two")), tmp_path, every=EVERY, flow_folder=None,
            progress=ignore_progress, should_stop=lambda: next(stops),
        )  # fmt: skip
    whole = made(tmp_path, moving("one"), moving("two"))
    assert {case.clip for case in whole.cases} == {"one", "two"}
    assert len(whole.cases) == 2 * len(cases.cases)
    with pytest.raises(BadInput, match="no cases"):
        read_fusion_set(tmp_path / "one")


def test_painted_clips_are_the_same_each_time_and_show_their_object() -> None:
    small = FrameSize(72, 48)
    one, two = (
        opened() for _ in range(2) for _, opened in PaintedClips(1, 5, frames=3, size=small)
    )
    assert np.array_equal(one.pictures[2], two.pictures[2]) and one.truth[0].any()


def test_it_learns_and_goes_on_exactly_where_it_was_stopped(
    cases: FusionSet, tmp_path: Path
) -> None:
    whole = trained(cases, tmp_path / "whole")
    with pytest.raises(Cancelled, match="step 3"):
        trained(cases, tmp_path / "parts", stop_at=4)
    parts = trained(cases, tmp_path / "parts")
    (one, _), (two, _) = read_tensors(whole), read_tensors(parts)
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = PLAN.model_copy(update={"rate": 1e-3})
    with pytest.raises(BadInput, match="another plan"):
        trained(cases, tmp_path / "whole", other)
    assert (tmp_path / "whole" / STATE).exists()


def test_a_stage_begins_with_the_weights_of_the_one_before(
    cases: FusionSet, tmp_path: Path
) -> None:
    before = trained(cases, tmp_path / "zero")
    changed = {"stage": 1, "steps": 1, "rate": 1e-9, "data": cases.digest, "init": "of stage 0"}
    plan = FusionPlan.model_validate(PLAN.model_dump() | changed)
    done = train_fusion(
        plan, cases, tmp_path / "one", init=before, device=Device("cpu"),
        progress=ignore_progress, should_stop=never_stop, report=lambda entry: None,
    )  # fmt: skip
    (one, facts), (zero, _) = load_fusion(done.path), load_fusion(before)
    assert facts["stage"] == "1"
    for name, tensor in one.state_dict().items():
        assert torch.allclose(tensor, zero.state_dict()[name], atol=1e-6), name
    with pytest.raises(BadInput, match="another shape"):
        train_fusion(
            plan.model_copy(update={"width": 16}), cases, tmp_path / "wide", init=before,
            device=Device("cpu"), progress=ignore_progress, should_stop=never_stop,
            report=lambda entry: None,
        )  # fmt: skip


@pytest.mark.parametrize(("stage", "init"), [(0, "of stage 0"), (1, "")])
def test_stage_one_begins_with_weights_and_stage_nought_with_none(stage: int, init: str) -> None:
    with pytest.raises(ValueError, match=f"stage {stage} begins"):
        FusionPlan.model_validate({"stage": stage, "init": init})


def test_memory_that_runs_out_is_told_and_costs_nothing(cases: FusionSet, tmp_path: Path) -> None:
    short = True

    def progress(done: int, total: int | None) -> None:
        if short and done == 3:
            raise MemoryError

    def learned() -> Path:
        return train_fusion(
            PLAN.model_copy(update={"data": cases.digest}), cases, tmp_path / "short", init=None,
            device=Device("cpu"), progress=progress, should_stop=never_stop,
            report=lambda entry: None,
        ).path  # fmt: skip

    with pytest.raises(OutOfMemory, match=r"step 2.*lower batch"):
        learned()
    assert read_tensors(tmp_path / "short" / STATE)[1]["step"] == "3"
    short = False
    one, two = (read_tensors(path)[0] for path in (learned(), trained(cases, tmp_path / "whole")))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_the_parts_of_a_batch_add_up_to_its_loss() -> None:
    rng = torch.Generator().manual_seed(1)
    odds = torch.randn((4, 1, 8, 8), generator=rng)
    truth = (torch.rand((4, 1, 8, 8), generator=rng) > 0.5).float()
    whole = hardest_loss(odds, truth, 0.25)
    parts = [hardest_loss(odds[n::2], truth[n::2], 0.25) / 2 for n in range(2)]
    assert torch.allclose(whole, torch.stack(parts).sum())
    assert whole > hardest_loss(odds, truth, 1.0)


def test_a_network_that_has_learned_nothing_leaves_the_mean(
    cases: FusionSet, tmp_path: Path
) -> None:
    net = FusionNet(FusionShape(8, 1))
    meeting, _ = meeting_of(cases.planes(0))
    assert np.allclose(LearnedFusion(net, aware=True)(meeting), meeting.mean, atol=1e-5)
    path = tmp_path / "fusion.safetensors"
    save_fusion(path, net, dict(net.state_dict()), {"stage": "0", "aware": "True"})
    engine = FusedEngine(path)
    clip = pictures()
    opened = engine.open(clip, FlowSource(clip))
    for frame in (0, 4):
        opened.refer(frame, 1, true_mask(frame))
    assert {done.frame for done in opened.propagate(4, [1], never_stop)} == {
        *range(1, 4), *range(5, FRAMES),
    }  # fmt: skip
    assert FusedEngine(tmp_path / "none").unavailable()
    (tmp_path / "text.safetensors").write_text("nothing")
    with pytest.raises(BadInput, match="safetensors"):
        FusedEngine(tmp_path / "text.safetensors").open(clip, FlowSource(clip))
