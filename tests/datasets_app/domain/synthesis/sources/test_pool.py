"""What a run draws from: its order, and clips that serve as subjects and as backgrounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.recipes.base import AssetRef, Pool
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.pool import PoolSceneFile
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames
from matteweb.errors import BadInput
from tests.scenes import Scenes, two_scenes


@pytest.fixture
def scenes(tmp_path: Path) -> Scenes:
    return two_scenes(tmp_path)


def test_the_order_in_which_things_came_in_changes_nothing(scenes: Scenes) -> None:
    there, back = Pool(clips=tuple(scenes.clips)), Pool(clips=tuple(reversed(scenes.clips)))
    assert there.clips == back.clips
    names = [one.name for one in there.as_foregrounds()]
    assert names == [one.name for one in back.as_foregrounds()]


def test_one_side_of_a_split_is_its_own_sources_and_those_of_neither(scenes: Scenes) -> None:
    model = PoolSceneFile(1, "a" * 64, "chair", ".glb", split="test")
    shown, other = scenes.clips
    pool = Pool(
        clips=(replace(shown, split="train"), replace(other, split="val")),
        models=(model, replace(model, id=2, split="")),
    )
    assert [one.name for one in pool.on_side("train").clips] == [shown.name]
    assert [one.id for one in pool.on_side("train").models] == [2]
    assert [one.id for one in pool.on_side("test").models] == [1, 2]
    assert [one.name for one in pool.on_side("test").clips] == [other.name]
    assert pool.on_side("any") is pool
    assert {one.split for one in pool.as_foregrounds()} == {"train", "val"}
    assert {one.split for one in pool.as_backgrounds()} == {"train", "val"}


def test_a_clip_is_a_subject_once_per_mask_and_a_background_as_it_is(scenes: Scenes) -> None:
    clip, other = scenes.clips
    twice = replace(clip, masks=(clip.masks[0], replace(clip.masks[0], digest="z", name="two")))
    pool = Pool(clips=(twice, other))
    assert [one.name for one in pool.as_foregrounds()] == [
        "beach / mask_00",
        "camel / mask_00",
        "camel / two",
    ]
    assert {one.name for one in pool.as_backgrounds()} == {"camel", "beach"}


def test_a_subject_reaches_as_far_as_clip_and_mask_both_do(scenes: Scenes) -> None:
    clip = scenes.clips[0]
    shorter = replace(clip, masks=(replace(clip.masks[0], frames=7),))
    (subject,) = Pool(clips=(shorter,)).as_foregrounds()
    assert subject.frames == 7


def test_a_still_is_decoded_once_and_stands_for_every_frame(scenes: Scenes) -> None:
    subject = replace(scenes.pool.as_foregrounds()[0], kind="still", frames=1)
    ref = AssetRef.of(subject)
    pictures = list(asset_frames(ref, scenes.sources, FrameWindow(3, 2, 5)))
    alphas = list(asset_alphas(ref, scenes.sources, FrameWindow(3, 2, 5)))
    assert len(pictures) == len(alphas) == 5
    assert all(picture is pictures[0] for picture in pictures)
    assert set(np.unique(alphas[0])) == {0, 255}


def test_a_clip_gives_the_window_and_says_when_it_became_shorter(scenes: Scenes) -> None:
    ref = AssetRef.of(scenes.pool.as_backgrounds()[0])
    assert len(list(asset_frames(ref, scenes.sources, FrameWindow(2, 3, 6)))) == 6
    with pytest.raises(BadInput, match="gives 4 frames from frame 16, planned 6"):
        list(asset_frames(ref, scenes.sources, FrameWindow(16, 1, 6)))
