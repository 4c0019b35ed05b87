"""Moving objects: one number per object, near before far, smooth, any length."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.moving_objects import (
    MovingObjects,
    MovingObjectsParams,
    MovingObjectsPlan,
)
from datasets_app.domain.synthesis.geometry.smooth_path import SmoothPath
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scenes import Scenes, two_scenes

SMALL = {"frames": 8, "width": 96, "height": 64}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return two_scenes(tmp_path_factory.mktemp("scenes"))


def planned(scenes: Scenes, seed: int = 1, **params: Any) -> MovingObjectsPlan:
    asked = MovingObjectsParams(**{**SMALL, **params})
    return plan_sample(MovingObjects(), asked, scenes.pool, root_seed=seed, index=0).plan


def made(plan: MovingObjectsPlan, scenes: Scenes) -> list[Layers]:
    return list(MovingObjects().render(plan, scenes.sources, ignore_progress, never_stop))


def test_the_preset_has_the_figures_of_its_name(scenes: Scenes) -> None:
    counts = set()
    for seed in range(12):
        plan = planned(scenes, seed=seed, preset="bl30k")
        assert (plan.frames, plan.width, plan.height) == (160, 768, 512)
        counts.add(len(plan.objects))
    assert counts == {3, 4, 5}


def test_every_pixel_has_the_number_of_one_object_or_none(scenes: Scenes) -> None:
    plan = planned(scenes, objects_min=3, objects_max=3)
    for layers in made(plan, scenes):
        assert set(np.unique(layers["instances"])) <= {0, 1, 2, 3}
        assert np.array_equal(layers["instances"] > 0, layers["alpha"] >= 128) or (
            np.mean((layers["instances"] > 0) != (layers["alpha"] >= 128)) < 0.02
        )


def stacked(plan: MovingObjectsPlan, depths: tuple[float, ...]) -> MovingObjectsPlan:
    """Put all objects in the middle, as large as each other, at these depths."""
    middle = SmoothPath.still(0.5)
    objects = tuple(
        one.model_copy(
            update={
                "across": middle,
                "down": middle,
                "size": SmoothPath.still(0.6),
                "nearness": SmoothPath.still(depth),
            }
        )
        for one, depth in zip(plan.objects, depths, strict=True)
    )
    return plan.model_copy(update={"objects": objects})


def last_one_wins(sprites: list[np.ndarray]) -> np.ndarray:
    """Each object written over the ones before it, in the order of the list."""
    numbers = np.zeros(sprites[0].shape, np.uint8)
    for number, sprite in enumerate(sprites, start=1):
        numbers[sprite] = number
    return numbers


def test_the_nearer_object_covers_the_farther_whatever_its_number(scenes: Scenes) -> None:
    plan = planned(scenes, objects_min=2, objects_max=2, shapes=1.0, soft_edge=0)
    first, second = (made(stacked(plan, depths), scenes)[0] for depths in ((0.9, 0.1), (0.1, 0.9)))
    assert first["instances"][32, 48] == 1 or second["instances"][32, 48] == 2
    covered = (first["instances"] == 1) & (second["instances"] == 2)
    assert covered.any()
    assert not np.array_equal(first["rgb_full"][covered], second["rgb_full"][covered])
    shapes = [first["instances"] == 1, second["instances"] == 2]
    assert np.array_equal(last_one_wins(shapes), second["instances"])
    assert not np.array_equal(last_one_wins(shapes), first["instances"])


def test_objects_without_a_cut_out_are_textured_shapes(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("beach", cover=None)
    plan = planned(scenes, shapes=0.0)
    assert all(one.source is None and one.texture is not None for one in plan.objects)
    assert any((layers["instances"] > 0).any() for layers in made(plan, scenes))


def test_a_cut_out_is_used_once_per_sample_and_not_in_its_own_scene(scenes: Scenes) -> None:
    for seed in range(10):
        plan = planned(scenes, seed=seed, shapes=0.0, objects_min=4, objects_max=4)
        assert plan.backdrop.source is not None
        digests = [one.source.digest for one in plan.objects if one.source is not None]
        assert len(digests) == len(set(digests)) == 1
        assert plan.backdrop.source.digest not in digests


def test_a_cut_out_that_is_shorter_than_the_sample_stands_still(scenes: Scenes) -> None:
    plan = planned(scenes, frames=30, shapes=0.0, texture=0.0, objects_min=1, objects_max=1)
    assert not plan.objects[0].plays
    assert len(made(plan, scenes)) == 30


def test_neighbouring_frames_differ_by_little(scenes: Scenes) -> None:
    plan = planned(scenes, frames=24, shapes=1.0, camera=0.0, seed=6)
    masks = [layers["instances"] > 0 for layers in made(plan, scenes)]
    changed = [np.mean(a != b) for a, b in pairwise(masks)]
    assert max(changed) < 0.06
    assert sum(changed) > 0


def nearest(plan: MovingObjectsPlan) -> float:
    """Return the least distance of the first two centres over the sample, in pixels."""
    places = [
        np.array(
            [
                (
                    one.across.at(n, plan.frames) * plan.width,
                    one.down.at(n, plan.frames) * plan.height,
                )
                for n in range(plan.frames)
            ]
        )
        for one in plan.objects[:2]
    ]
    return float(np.linalg.norm(places[0] - places[1], axis=1).min())


def test_objects_keep_clear_of_each_other_as_long_as_there_is_room(scenes: Scenes) -> None:
    fixed = {"objects_min": 2, "objects_max": 2, "shapes": 1.0, "size_min": 0.2, "size_max": 0.25}
    apart = [planned(scenes, seed=seed, separation=1.2, **fixed) for seed in range(12)]
    assert min(nearest(plan) for plan in apart) > 0.2 * 64
    crowd = planned(
        scenes, separation=1.2, objects_min=12, objects_max=12, size_min=0.8, size_max=1
    )
    assert len(crowd.objects) == 12
