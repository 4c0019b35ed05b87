"""Frames: as many as the ratio says, in one piece or spread, with the numbers that they had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.frames import Frames, FramesParams, FramesPlan
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scenes import Scenes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    made = Scenes(tmp_path_factory.mktemp("scenes"))
    made.add("camel", frames=20)
    made.add("beach", frames=11)
    return made


def planned(scenes: Scenes, index: int = 0, seed: int = 1, **params: Any) -> FramesPlan:
    return plan_sample(
        Frames(), FramesParams(**params), scenes.pool, root_seed=seed, index=index
    ).plan


def made(plan: FramesPlan, scenes: Scenes) -> list[Layers]:
    return list(Frames().render(plan, scenes.sources, ignore_progress, never_stop))


@pytest.mark.parametrize("mode", ["contiguous", "strided"])
def test_frames_are_those_of_their_source_under_their_numbers(scenes: Scenes, mode: str) -> None:
    for index in range(4):
        plan = planned(scenes, index=index, mode=mode, ratio=0.3)
        pictures = list(read_rgb(scenes.sources[plan.foreground.digest]))
        alphas = list(read_gray(scenes.sources[plan.foreground.alpha_digest]))
        for number, layers in enumerate(made(plan, scenes)):
            original = plan.start + number * plan.step
            assert np.array_equal(layers["rgb_full"], pictures[original])
            assert np.array_equal(layers["alpha"], alphas[original])


@pytest.mark.parametrize(("ratio", "lengths"), [(0.2, {4, 2}), (0.01, {1}), (1.0, {20, 11})])
def test_the_ratio_says_how_many_and_one_at_least(
    scenes: Scenes, ratio: float, lengths: set[int]
) -> None:
    assert {planned(scenes, index=index, ratio=ratio).frames for index in range(2)} == lengths


def test_strided_frames_reach_over_the_clip_and_slow_its_rate(scenes: Scenes) -> None:
    plan = planned(scenes, mode="strided", ratio=0.25)
    piece = planned(scenes, mode="contiguous", ratio=0.25)
    assert (plan.step, piece.step) == (plan.foreground.frames // plan.frames, 1)
    assert plan.step > 3
    assert plan.fps_num * piece.fps_den * plan.step == piece.fps_num * plan.fps_den


def test_the_seed_decides_which_piece(scenes: Scenes) -> None:
    starts = {planned(scenes, seed=seed).start for seed in range(12)}
    assert len(starts) > 3
    assert planned(scenes, seed=5) == planned(scenes, seed=5)


def test_every_clip_has_its_turn(scenes: Scenes) -> None:
    names = [planned(scenes, index=index).foreground.name for index in range(4)]
    assert len(set(names)) == 2
    assert names[2:] == names[:2]


def test_nothing_to_take_from_is_said(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("beach", cover=None)
    assert not Frames().survey(FramesParams(), scenes.pool).possible
