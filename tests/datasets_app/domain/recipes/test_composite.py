"""Composite: clean layers, seeded choice, sizes and colours of its background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool, Rejected
from datasets_app.domain.recipes.composite import Composite, CompositeParams, CompositePlan
from datasets_app.domain.synthesis.planner import Unreachable, plan_sample
from tests.scenes import Scenes, two_scenes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return two_scenes(tmp_path_factory.mktemp("scenes"))


def planned(scenes: Scenes, seed: int = 1, index: int = 0, **params: Any) -> CompositePlan:
    asked = CompositeParams(**{"max_frames": 6, **params})
    return plan_sample(Composite(), asked, scenes.pool, root_seed=seed, index=index).plan


def made(plan: CompositePlan, scenes: Scenes) -> list[Layers]:
    return list(Composite().render(plan, scenes.sources, ignore_progress, never_stop))


def test_a_subject_never_stands_before_its_own_scene(scenes: Scenes) -> None:
    for index in range(12):
        plan = planned(scenes, index=index)
        assert plan.backdrop.source is not None
        assert plan.backdrop.source.digest != plan.foreground.digest


def stays_clean(layers: Layers) -> None:
    solid = layers["alpha"] == 255
    assert np.array_equal(layers["rgb_full"][solid], layers["fgr"][solid])
    assert not np.array_equal(layers["bgr"][solid], layers["rgb_full"][solid])
    assert layers["fgr"][layers["alpha"] == 0].max() == 0


def test_foreground_and_background_stay_clean(scenes: Scenes) -> None:
    """A folder called foreground that holds the mixture leaves nothing to train on."""
    for layers in made(planned(scenes, camera=0.0), scenes):
        stays_clean(layers)
        with pytest.raises(AssertionError):
            stays_clean({**layers, "fgr": layers["rgb_full"]})


class Unseeded(Composite):
    """As it was: whatever chance gives, and nothing of it is recorded."""

    def plan(
        self, params: CompositeParams, pool: Pool, rng: np.random.Generator
    ) -> CompositePlan | Rejected:
        return super().plan(params, pool, np.random.default_rng())


def makes_the_same_again(recipe: Composite, scenes: Scenes) -> None:
    asked = CompositeParams(max_frames=6, background="mixed", shift=0.3, scale_min=0.5)
    twice = [
        [plan_sample(recipe, asked, scenes.pool, root_seed=3, index=k).plan for k in range(4)]
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


def test_the_same_seed_makes_the_same_where_unseeded_chance_does_not(scenes: Scenes) -> None:
    makes_the_same_again(Composite(), scenes)
    with pytest.raises(AssertionError):
        makes_the_same_again(Unseeded(), scenes)


def test_the_background_is_shown_as_it_is_where_it_fits(scenes: Scenes) -> None:
    plan = planned(scenes)
    assert plan.backdrop.source is not None
    clip = list(read_rgb(scenes.sources[plan.backdrop.source.digest]))
    start = plan.backdrop.start
    for number, layers in enumerate(made(plan, scenes)):
        assert np.array_equal(layers["bgr"], clip[start + number])


def test_a_background_of_another_shape_is_not_squeezed(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel")
    scenes.add("tower", size=FrameSize(48, 96), cover=None)
    plan = planned(scenes)
    assert (plan.width, plan.height) == (64, 48)
    tower = next(read_rgb(scenes.sources["tower-clip"], start=plan.backdrop.start))
    shown = made(plan, scenes)[0]["bgr"]
    scaled = cv2.resize(tower, (64, 128), interpolation=cv2.INTER_LINEAR).astype(int)
    rows = [np.abs(scaled[at : at + 48] - shown).mean() for at in range(81)]
    assert min(rows) < 12
    squeezed = cv2.resize(tower, (64, 48), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(squeezed - shown).mean() > 2 * min(rows)


def test_a_colour_and_a_gradient_need_no_background(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel")
    assert not Composite().survey(CompositeParams(), scenes.pool).possible
    plain = planned(scenes, background="colour", colour="#3060a0")
    assert (made(plain, scenes)[0]["bgr"] == (0x30, 0x60, 0xA0)).all()
    gradient = made(planned(scenes, background="gradient"), scenes)[0]["bgr"]
    assert np.ptp(gradient[:, 0].astype(int), axis=0).max() > 20
    assert np.ptp(gradient[0].astype(int), axis=0).max() == 0


def test_linear_light_recomposes_in_linear_light(scenes: Scenes) -> None:
    plan = planned(scenes, light="linear")
    assert plan.recomposition.deviation(made(plan, scenes)[0]) <= 1
    stored = planned(scenes, light="stored").recomposition
    assert stored.deviation(made(plan, scenes)[0]) > 3


def test_matching_and_wrapping_change_the_foreground_and_still_recompose(scenes: Scenes) -> None:
    plain = made(planned(scenes, seed=2), scenes)
    plan = planned(scenes, seed=2, colour_match=1.0, light_wrap=1.0)
    for before, after in zip(plain, made(plan, scenes), strict=True):
        assert np.array_equal(before["alpha"], after["alpha"])
        assert not np.array_equal(before["fgr"], after["fgr"])
        assert plan.recomposition.deviation(after) <= 1


def test_a_short_side_scales_the_whole_frame(scenes: Scenes) -> None:
    plan = planned(scenes, short_side=96)
    assert (plan.width, plan.height) == (128, 96)
    assert made(plan, scenes)[0]["alpha"].shape == (96, 128)


def test_every_nth_frame_slows_the_rate(scenes: Scenes) -> None:
    plan = planned(scenes, every_nth=2)
    assert plan.step == 2
    assert plan.fps_num / plan.fps_den in {8.0, 30000 / 1001 / 2}


def test_a_clip_that_is_too_short_is_left_out_with_what_would_admit_it(scenes: Scenes) -> None:
    survey = Composite().survey(CompositeParams(min_frames=21), scenes.pool)
    assert not survey.possible
    assert [one.admits for one in survey.left_out] == [{"min_frames": 20.0}] * 2


def test_an_alpha_that_is_empty_is_left_out(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", cover=0.0)
    scenes.add("beach")
    left = Composite().survey(CompositeParams(), scenes.pool).left_out
    assert [(one.name, one.reason) for one in left] == [("camel / mask_00", "its alpha is empty")]


def test_backgrounds_that_are_all_too_short_are_counted(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel")
    scenes.add("beach", frames=3, cover=None)
    with pytest.raises(Unreachable, match="long enough"):
        planned(scenes, min_frames=10, max_frames=12)


def test_a_colour_is_six_hexadecimal_digits() -> None:
    with pytest.raises(ValidationError, match="no colour"):
        CompositeParams(colour="green")
