"""Drawing scenes: the geometry that the original got wrong holds in every draw."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from datasets_app.domain.recipes.base import Pool, Rejected
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.description import Scene, SceneObject
from datasets_app.domain.scenes.draw import REACH, SceneRule, draw_scene
from datasets_app.domain.scenes.params import EffectRemovalParams

RULE = EffectRemovalParams(frames=9).rule


def scenes(count: int = 200, rule: SceneRule = RULE) -> Iterator[Scene]:
    """Draw until ``count`` scenes passed."""
    rng = np.random.default_rng(11)
    while count:
        drawn = draw_scene(rule, rng)
        if isinstance(drawn, Scene):
            count -= 1
            yield drawn


def distance(one: SceneObject, other: SceneObject) -> float:
    return float(np.linalg.norm(np.subtract(one.location, other.location)))


def test_the_sun_always_stands_above_the_horizon() -> None:
    """The original aims it from one random point at another: half of its suns shine upward."""
    upward = 0
    rng = np.random.default_rng(3)
    for _ in range(200):
        place, looked_at = rng.uniform(-4, 4, 3), rng.uniform(-1, 1, 3)
        upward += place[2] < looked_at[2]
    assert upward > 60, "the wrong way is shown to fail"
    for scene in scenes():
        low, high = (5, 15) if scene.low_light else (10, 80)
        assert low <= scene.sun.elevation <= high


def test_what_is_removed_is_drawn_without_replacement() -> None:
    """Drawn with replacement, a third of the scenes remove fewer objects than they drew."""
    rng = np.random.default_rng(3)
    fewer = 0
    for _ in range(200):
        count = int(rng.integers(2, 6))
        wanted = int(rng.integers(1, count + 1))
        fewer += len(set(rng.choice(count, wanted).tolist())) < wanted
    assert fewer > 40, "the wrong way is shown to fail"
    five = EffectRemovalParams(frames=9, objects_min=5, objects_max=5, size_max=1.2).rule
    sizes = [len(scene.removed) for scene in scenes(100, five)]
    assert min(sizes) == 1
    assert np.mean([size == 5 for size in sizes]) > 0.1, "one in five: with replacement 1 in 130"


def test_no_object_starts_inside_another_or_below_the_ground() -> None:
    for scene in scenes():
        for one, other in combinations(scene.objects, 2):
            assert distance(one, other) > REACH * (one.size + other.size)
        for thing in scene.objects:
            assert thing.location[2] >= REACH * thing.size


def test_nothing_that_rests_hangs_above_another_that_rests() -> None:
    for scene in scenes():
        resting = [thing for thing in scene.objects if thing.rests]
        for one, other in combinations(resting, 2):
            apart = np.linalg.norm(np.subtract(one.location, other.location)[:2])
            assert apart > REACH * (one.size + other.size)


def test_the_camera_passes_no_object_closely() -> None:
    for scene in scenes():
        path = np.linspace(scene.camera.start, scene.camera.end, 50)
        assert path[:, 2].min() > 0.5
        for thing in scene.objects:
            closest = np.linalg.norm(path - thing.location, axis=1).min()
            assert closest > REACH * thing.size + 0.4


def test_a_wall_stands_behind_the_things_and_faces_the_camera() -> None:
    """The original hands a direction to a function that wants a point: walls face anywhere."""
    rule = EffectRemovalParams(frames=9, wall=1).rule
    for scene in scenes(100, rule):
        (wall,) = scene.walls
        camera = np.asarray(scene.camera.start[:2])
        assert np.allclose(wall.towards, camera, atol=1e-3)
        assert np.dot(wall.location, camera) < 0


def test_shaders_get_only_what_is_physical() -> None:
    """The original's mirror is 2.4 to 3.0 metallic."""
    for scene in scenes(60, EffectRemovalParams(frames=9, mirror=1, wall=1).rule):
        surfaces = [thing.surface for thing in scene.objects]
        surfaces += [scene.ground, *(wall.surface for wall in scene.walls)]
        for surface in surfaces:
            for share in (surface.metallic, surface.roughness, surface.transmission, surface.coat):
                assert 0 <= share <= 1
            assert all(0 <= channel <= 1 for channel in (*surface.color, *surface.second))
            assert 1 <= surface.ior <= 2.5


@pytest.mark.parametrize(
    ("chance", "held"),
    [
        ("resting", lambda scene: all(thing.rests for thing in scene.objects)),
        ("wall", lambda scene: len(scene.walls) == 1),
        ("low_light", lambda scene: scene.low_light and scene.sun.elevation <= 15),
    ],
)
def test_a_chance_of_one_always_holds(chance: str, held: object) -> None:
    assert callable(held)
    rule = EffectRemovalParams(frames=9, **{chance: 1}).rule
    assert all(held(scene) for scene in scenes(40, rule))


def test_a_scene_that_cannot_be_is_refused_in_words() -> None:
    crowd = EffectRemovalParams(objects_min=12, objects_max=12, size_min=4, size_max=4)
    drawn = EffectRemoval().plan(crowd, Pool(), np.random.default_rng(1))
    assert isinstance(drawn, Rejected)
    assert "no place" in drawn.reason
