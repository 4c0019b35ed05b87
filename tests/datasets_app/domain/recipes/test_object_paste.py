"""What ObjectPaste promises beyond what every recipe does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import (
    GrayMasterWriter,
)
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool, Rejected
from datasets_app.domain.recipes.object_paste import (
    ObjectPaste,
    ObjectPasteParams,
    ObjectPastePlan,
)
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.seeds import generator
from matteweb.errors import BadInput
from tests.scenes import SIZE, Scenes, two_scenes

RECIPE = ObjectPaste()


@pytest.fixture
def scenes(tmp_path: Path) -> Scenes:
    return two_scenes(tmp_path)


def plan_of(pool: Pool, *, index: int = 0, **params: object) -> ObjectPastePlan:
    found = plan_sample(
        RECIPE, ObjectPasteParams.model_validate(params), pool, root_seed=5, index=index
    )
    return found.plan


def render(plan: ObjectPastePlan, scenes: Scenes) -> list[Layers]:
    return list(RECIPE.render(plan, scenes.sources, ignore_progress, never_stop))


def test_the_defaults_are_those_of_the_casper_data() -> None:
    params = ObjectPasteParams()
    assert (params.scale_min, params.scale_max, params.shift) == (0.4, 1.0, 0.2)
    assert (params.mask_mean_min, params.mask_max, params.mask_stationary_min) == (0.05, 0.8, 0.05)
    assert (params.preservation, params.max_frames) == (0.0, 256)
    assert (params.mask_mode, params.soft_edge) == ("trimask", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale_min": 0.9, "scale_max": 0.5},
        {"mask_mean_min": 0.6, "mask_max": 0.5},
        {"min_frames": 300},
        {"scale_max": 1.2},
        {"mask_mode": "soft"},
        {"seed": 3},
    ],
)
def test_parameters_that_contradict_each_other_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ObjectPasteParams.model_validate(wrong)


def test_an_object_never_goes_into_its_own_source_group(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("a", group="beach")
    scenes.add("b", group="beach")
    scenes.add("c", group="street")
    groups = {clip.digest: clip.group for clip in scenes.clips}
    pairs = set()
    for index in range(60):
        plan = plan_of(scenes.pool, index=index)
        pairs.add((plan.foreground.name, plan.background.name))
        assert groups[plan.foreground.digest] != groups[plan.background.digest]
    assert pairs == {("a", "c"), ("b", "c"), ("c", "a"), ("c", "b")}


def test_clips_of_one_source_group_make_nothing(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("a", group="beach")
    scenes.add("b", group="beach")
    survey = RECIPE.survey(ObjectPasteParams(), scenes.pool)
    assert not survey.possible
    assert "one source group" in survey.reason
    drawn = RECIPE.plan(ObjectPasteParams(), scenes.pool, generator(0))
    assert isinstance(drawn, Rejected)


def test_clips_without_a_group_are_scenes_of_their_own(tmp_path: Path) -> None:
    scenes = two_scenes(tmp_path)
    alone = Pool(clips=tuple(replace(clip, group="") for clip in scenes.clips))
    assert RECIPE.survey(ObjectPasteParams(), alone).possible


def test_a_mask_left_out_is_let_in_by_the_threshold_that_is_named(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    small = scenes.add("small", cover=0.02)
    scenes.add("beach", cover=None)
    survey = RECIPE.survey(ObjectPasteParams(), scenes.pool)
    (left_out,) = survey.left_out
    assert not survey.possible
    assert (
        survey.reason
        == "none of 1 masks can pass: 1 fail mask_mean_min, 1 fail mask_stationary_min"
    )
    covers = small.masks[0].load_small().mean() / 255
    assert left_out.figure == pytest.approx(covers)
    assert left_out.figure - 1e-4 <= left_out.threshold <= left_out.figure
    again = RECIPE.survey(ObjectPasteParams.model_validate(left_out.admits), scenes.pool)
    assert [mask.id for mask in again.admitted] == [left_out.id]


def test_a_mask_that_always_covers_too_much_is_left_out(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("wall", cover=0.6)
    scenes.add("beach", cover=None)
    large = {"mask_max": 0.3, "scale_min": 0.9, "shift": 0.05}
    (left_out,) = RECIPE.survey(ObjectPasteParams.model_validate(large), scenes.pool).left_out
    assert list(left_out.admits) == ["mask_max"]
    admitted = ObjectPasteParams.model_validate(large | left_out.admits)
    assert RECIPE.survey(admitted, scenes.pool).possible


def test_clips_that_are_too_short_are_left_out_with_their_length(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", frames=12)
    scenes.add("beach", cover=None)
    (left_out,) = RECIPE.survey(ObjectPasteParams(), scenes.pool).left_out
    assert left_out.reason == "gives at most 12 frames of 17"
    assert plan_of(scenes.pool, min_frames=12).frames == 12


def test_every_accepted_plan_passes_on_the_pixels_that_are_stored(scenes: Scenes) -> None:
    for index in range(6):
        plan = plan_of(scenes.pool, index=index)
        alpha = np.stack([layers["alpha"] for layers in render(plan, scenes)]) / 255
        assert alpha.mean() == pytest.approx(plan.mean, abs=0.01)
        assert alpha.mean(axis=(1, 2)).max() == pytest.approx(plan.max, abs=0.015)
        assert (alpha.mean(axis=0) > 0.1).mean() == pytest.approx(plan.stationary, abs=0.03)
        assert plan.mean >= 0.05
        assert plan.max <= 0.8
        assert plan.stationary >= 0.05


def test_a_sample_is_the_background_and_its_rate_and_caption(scenes: Scenes) -> None:
    plan = next(
        plan
        for plan in (plan_of(scenes.pool, index=index) for index in range(40))
        if plan.background.name == "beach"
    )
    assert Fraction(plan.fps_num, plan.fps_den) == Fraction(30000, 1001)
    assert plan.caption == "the scene of beach"
    removed = [layers["rgb_removed"] for layers in render(plan, scenes)]
    footage = list(read_rgb(scenes.sources[plan.background.digest]))
    assert np.array_equal(removed, footage[plan.start :])


def test_every_nth_frame_is_taken_and_the_rate_follows(scenes: Scenes) -> None:
    plan = plan_of(scenes.pool, every_nth=3, min_frames=5)
    background = next(clip for clip in scenes.clips if clip.digest == plan.background.digest)
    assert plan.step == 3
    assert plan.frames == 7
    assert Fraction(plan.fps_num, plan.fps_den) == background.fps / 3
    footage = list(read_rgb(scenes.sources[plan.background.digest]))[plan.start :: 3]
    assert np.array_equal([layers["rgb_removed"] for layers in render(plan, scenes)], footage)


def test_object_and_background_are_paired_by_frame_number(scenes: Scenes) -> None:
    """Where the alpha is 255 and nothing is moved, the object's own pixels come through."""
    plan = plan_of(scenes.pool, max_frames=17).model_copy(
        update={"scale": 1.0, "shift_x": 0.0, "shift_y": 0.0}
    )
    assert plan.frames == 17
    objects = list(read_rgb(scenes.sources[plan.foreground.digest]))[plan.start :]
    masks = list(read_gray(scenes.sources[plan.mask.digest]))[plan.start :]
    for layers, picture, mask in zip(render(plan, scenes), objects, masks, strict=False):
        assert np.array_equal(layers["alpha"], mask)
        assert np.array_equal(layers["rgb_full"][mask > 0], picture[mask > 0])


def test_windows_start_anywhere_that_leaves_room(scenes: Scenes) -> None:
    starts = {plan_of(scenes.pool, index=index, max_frames=17).start for index in range(60)}
    assert starts == {0, 1, 2, 3}


def test_binary_masks_keep_everything_that_is_not_removed(scenes: Scenes) -> None:
    plan = plan_of(scenes.pool, mask_mode="binary", preservation=1, mask_margin=0)
    assert plan.preserved is None
    for layers in render(plan, scenes):
        assert np.array_equal(layers["mask"] == 0, layers["alpha"] > 0)
        assert set(np.unique(layers["mask"])) == {0, 255}


def test_the_mask_removes_a_margin_around_the_object(scenes: Scenes) -> None:
    tight = render(plan_of(scenes.pool, mask_margin=0), scenes)
    wide = render(plan_of(scenes.pool, mask_margin=3), scenes)
    for without, layers in zip(tight, wide, strict=True):
        grown = cv2.dilate((without["mask"] == 0).astype(np.uint8), np.ones((7, 7), np.uint8))
        assert np.array_equal(layers["mask"] == 0, grown > 0)
        assert np.array_equal(layers["rgb_full"], without["rgb_full"])


def test_a_mixed_run_makes_both_kinds_of_mask(scenes: Scenes) -> None:
    modes = {plan_of(scenes.pool, index=index, mask_mode="mixed").mask_mode for index in range(20)}
    assert modes == {"trimask", "binary"}


def test_preservation_marks_an_object_of_the_background_and_removal_wins(scenes: Scenes) -> None:
    plan = plan_of(scenes.pool, preservation=1, mask_margin=0)
    assert plan.preserved is not None
    assert plan.preserved.digest in plan.inputs
    kept = read_gray(scenes.sources[plan.preserved.digest])
    for layers, keep in zip(render(plan, scenes), kept, strict=True):
        gone = layers["alpha"] > 0
        expected = np.where(gone, 0, np.where(keep > 127, 255, 128))
        assert np.array_equal(layers["mask"], expected)


def test_preservation_happens_as_often_as_it_was_asked_for(scenes: Scenes) -> None:
    kept = [
        plan_of(scenes.pool, index=k, preservation=0.3).preserved is not None for k in range(200)
    ]
    assert 0.2 < np.mean(kept) < 0.4
    assert plan_of(scenes.pool).preserved is None


def test_scale_and_shift_use_their_whole_range(scenes: Scenes) -> None:
    plans = [plan_of(scenes.pool, index=index, mask_mean_min=0.001) for index in range(150)]
    scales = [plan.scale for plan in plans]
    shifts = [plan.shift_x for plan in plans] + [plan.shift_y for plan in plans]
    assert 0.4 <= min(scales) < 0.5 < 0.95 < max(scales) <= 1
    assert -0.2 <= min(shifts) < -0.18 < 0.18 < max(shifts) <= 0.2


def test_an_object_of_another_size_is_fitted_into_the_background(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", size=FrameSize(131, 61), cover=0.4)
    scenes.add("beach", cover=None)
    plan = plan_of(scenes.pool)
    assert (plan.width, plan.height) == (SIZE.width, SIZE.height)
    alpha = np.stack([layers["alpha"] for layers in render(plan, scenes)]) / 255
    assert alpha.mean() == pytest.approx(plan.mean, abs=0.01)


def test_a_soft_edge_stays_exact_outside_and_removes_its_rim(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", soft=True)
    scenes.add("beach", cover=None)
    plan = plan_of(scenes.pool, soft_edge=3)
    assert plan.mask.soft
    for layers in render(plan, scenes):
        outside = layers["mask"] != 0
        assert np.array_equal(layers["rgb_full"][outside], layers["rgb_removed"][outside])
        assert np.unique(layers["alpha"]).size > 10


def test_a_source_that_became_shorter_is_named(scenes: Scenes) -> None:
    plan = plan_of(scenes.pool)
    shorter = list(read_gray(scenes.sources[plan.mask.digest], stop=9))
    with GrayMasterWriter(scenes.sources[plan.mask.digest], SIZE, Fraction(16)) as out:
        for mask in shorter:
            out.write(mask)
    with pytest.raises(BadInput, match="mask_00 gives 9 frames from frame 0, planned 20"):
        render(plan, scenes)


def test_a_mask_that_became_empty_is_named(scenes: Scenes) -> None:
    plan = plan_of(scenes.pool)
    with GrayMasterWriter(scenes.sources[plan.mask.digest], SIZE, Fraction(16)) as out:
        for _ in range(plan.frames):
            out.write(np.zeros((SIZE.height, SIZE.width), np.uint8))
    with pytest.raises(BadInput, match="touches no pixel"):
        render(plan, scenes)


def test_a_clip_with_many_masks_is_not_drawn_more_often(tmp_path: Path) -> None:
    scenes = two_scenes(tmp_path)
    crowd, other = scenes.clips
    pool = Pool(clips=(replace(crowd, masks=crowd.masks * 9), other))
    drawn = [plan_of(pool, index=index).foreground.name for index in range(100)]
    assert 35 <= drawn.count(crowd.name) <= 65
