"""Nineteen faults of the generators that Casper data was first made with, and what keeps each out.

`python -m scripts.wrong_ways` puts each of them back and shows that the tests named here fail.

| no. | the fault | kept out by |
|---|---|---|
| 1 | the merge ends at its start, by a misspelt default | `bundles: the_same_choice` |
|   | and its formula leaves out what counts twice | `weights: the_default_repeats` |
| 2 | orphans and doubles of captions pass in silence | `texts: planted_faults` |
| 3 | items without a caption are dropped in silence | `bundles: without_caption` |
| 4 | acceptance is measured on the picture, not on the mask | `object_paste: accepted_plan` |
| 5 | noise of a lossy mask counts as object | `mask_reading: cut_above_127` |
| 6 | every failed try shortens the background clip | here |
| 7 | a mask of another length or size is taken | `masks: other_length`, `other_size` |
| 8 | the frame rate is that of a library's default | `object_paste: its_rate` |
| 9 | a try that failed leaves a gap and fewer samples | `planner: counted`, `without_a_plan` |
| 10 | hard edges; an object is pasted into its own scene | `object_paste: soft_edge`, `own_group` |
| 11 | objects start inside each other or at the origin | `draw: inside_another` |
| 12 | what is removed is drawn with replacement | `draw: without_replacement` |
| 13 | what rests hangs in the air | `renderer: lies_still` |
| 14 | half of the suns shine upwards | `draw: above_the_horizon` |
| 15 | speed does not follow the frame rate | `renderer: follows_the_frame_rate` |
| 16 | a removed object leaves a trace of its material | `renderer: never_was` |
| 17 | materials are those of another Blender | here |
| 18 | walls face anywhere, shaders get impossible values | `draw: faces_the_camera`, `physical` |
| 19 | nobody looks whether an object is seen or has an effect | `checks: seen`, `any_effect` |
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from datasets_app.domain.recipes.object_paste import ObjectPaste
from datasets_app.domain.scenes.description import Pattern, Surface
from datasets_app.domain.scenes.renderer import renderer
from datasets_app.domain.synthesis.planner import Unreachable, plan_sample
from tests.datasets_app.domain.scenes.test_renderer import render, scene, thing
from tests.scenes import two_scenes

TESTS = Path(__file__).parents[1]
KEPT_OUT: dict[int, tuple[str, ...]] = {
    1: (
        "services/freezing/test_bundles.py::test_the_same_choice_frozen_twice_has_the_same_id",
        "domain/bundles/test_weights.py::test_the_default_repeats_do_not_give_the_mix_of_the_paper",
    ),
    2: ("domain/captions/test_texts.py::test_planted_faults_are_findings_and_the_rest_is_read",),
    3: (
        "services/freezing/test_bundles.py::"
        "test_a_sample_without_caption_turns_the_bundle_back_into_a_draft",
    ),
    4: (
        "domain/recipes/test_object_paste.py::"
        "test_every_accepted_plan_passes_on_the_pixels_that_are_stored",
    ),
    5: (
        "domain/media/test_mask_reading.py::"
        "test_a_lossy_mask_is_cut_above_127_and_equals_the_true_one",
    ),
    6: ("domain/test_faults_of_the_generators.py::test_tries_that_fail_leave_clips_as_they_are",),
    7: (
        "services/sources/test_masks.py::test_a_mask_of_other_length_is_refused_in_one_sentence",
        "services/sources/test_masks.py::test_a_mask_of_other_size_is_refused_in_one_sentence",
    ),
    8: (
        "domain/recipes/test_object_paste.py::"
        "test_a_sample_is_the_background_and_its_rate_and_caption",
    ),
    9: (
        "domain/synthesis/test_planner.py::test_tries_that_fell_are_counted_by_reason",
        "domain/synthesis/test_planner.py::test_a_sample_without_a_plan_says_why",
    ),
    10: (
        "domain/recipes/test_object_paste.py::"
        "test_a_soft_edge_stays_exact_outside_and_removes_its_rim",
        "domain/recipes/test_object_paste.py::test_an_object_never_goes_into_its_own_source_group",
    ),
    11: ("domain/scenes/test_draw.py::test_no_object_starts_inside_another_or_below_the_ground",),
    12: ("domain/scenes/test_draw.py::test_what_is_removed_is_drawn_without_replacement",),
    13: ("domain/scenes/test_renderer.py::test_what_rests_lies_still_on_the_ground",),
    14: ("domain/scenes/test_draw.py::test_the_sun_always_stands_above_the_horizon",),
    15: ("domain/scenes/test_renderer.py::test_speed_follows_the_frame_rate",),
    16: (
        "domain/scenes/test_renderer.py::"
        "test_removed_is_the_render_of_a_scene_in_which_the_object_never_was",
    ),
    17: (
        "domain/test_faults_of_the_generators.py::"
        "test_every_pattern_and_every_input_of_a_surface_reaches_the_picture",
    ),
    18: (
        "domain/scenes/test_draw.py::test_a_wall_stands_behind_the_things_and_faces_the_camera",
        "domain/scenes/test_draw.py::test_shaders_get_only_what_is_physical",
    ),
    19: (
        "domain/scenes/test_checks.py::test_a_removed_object_that_is_hardly_seen_is_refused",
        "domain/scenes/test_checks.py::test_an_object_without_any_effect_is_refused",
    ),
}
"""Fault -> the tests that fail where it comes back, from this folder's parent."""


def test_every_fault_has_a_test_that_is_there() -> None:
    assert list(KEPT_OUT) == list(range(1, 20))
    for named in (one for several in KEPT_OUT.values() for one in several):
        path, name = named.split("::")
        tree = ast.parse((TESTS / path).read_text())
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, named


def test_tries_that_fail_leave_clips_as_they_are(tmp_path: Path) -> None:
    recipe, pool = ObjectPaste(), two_scenes(tmp_path).pool
    frames = [clip.frames for clip in pool.clips]
    before = plan_sample(recipe, recipe.params(), pool, root_seed=1, index=0).plan
    widest = max(one.figure for one in recipe.survey(recipe.params(), pool).admitted)
    narrow = recipe.params(mask_mean_min=widest * 0.9999)
    with pytest.raises(Unreachable, match="100 x the object covers less"):
        plan_sample(recipe, narrow, pool, root_seed=1, index=0)
    assert [clip.frames for clip in pool.clips] == frames
    assert plan_sample(recipe, recipe.params(), pool, root_seed=1, index=0).plan == before


PLAIN = {"finish": "any", "color": (0.6, 0.1, 0.1), "second": (0.1, 0.1, 0.6), "scale": 3.0}
SURFACES: dict[str, dict[str, object]] = {
    **{name: {"pattern": name} for name in get_args(Pattern) if name != "plain"},
    "metal": {"metallic": 1.0, "roughness": 0.1},
    "glass": {"transmission": 1.0, "roughness": 0.0},
    "coat": {"coat": 1.0},
    "ior": {"ior": 2.4, "roughness": 0.05},
    "no specular": {"specular": 0.0, "roughness": 0.05},
    "ripples": {"ripples": 0.9, "roughness": 0.1},
}


@pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())
def test_every_pattern_and_every_input_of_a_surface_reaches_the_picture(tmp_path: Path) -> None:
    """A field of plain balls, and the same field with a surface of its own on each."""
    places = [(1.15 * (n % 4) - 1.72, 1.15 * (n // 4) - 1.15, 1.2) for n in range(len(SURFACES))]

    def pictured(name: str, surfaces: list[dict[str, object]]) -> dict[str, np.ndarray]:
        balls = [
            thing(
                f"object-{number}",
                "sphere",
                place,
                size=0.65,
                rests=False,
                surface=Surface.model_validate({**PLAIN, **more}),
            )
            for number, (place, more) in enumerate(zip(places, surfaces, strict=True), start=1)
        ]
        field = scene(*balls, width=96, height=96, samples=4)
        return render(field, tmp_path / name).frames[0]

    plain = pictured("plain", [{}] * len(SURFACES))
    own = pictured("own", list(SURFACES.values()))
    assert np.array_equal(plain["instances"], own["instances"])
    differs = np.abs(own["rgb_full"].astype(int) - plain["rgb_full"]).max(axis=2) > 6
    for number, name in enumerate(SURFACES, start=1):
        ball = plain["instances"] == number
        assert ball.sum() > 30, name
        assert differs[ball].mean() > 0.55, f"{name}: less is the light of its neighbours"
