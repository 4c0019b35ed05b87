"""Memory does not grow with the length of a sample, whatever the recipe.

Effect removal renders in a process of its own, so that it is measured at full size only, with that
process; its samples have at most 300 frames.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import psutil
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scale import scale
from tests.scenes import Scenes
from tests.studio import add_studio

SHORT, LONG = scale((12, 60), (80, 800))
MOST_OF_A_SCENE = 300
RENDERED: dict[str, tuple[str, dict[str, Any]]] = {
    "effect_removal": ("frames", {"side": 64, "samples": 1, "objects_max": 2, "low_light": 0}),
}
LENGTHS: dict[str, tuple[str, dict[str, Any]]] = {
    **scale({}, RENDERED),
    "composite": ("max_frames", {}),
    "defocus": ("max_frames", {"focus": "pull"}),
    "moving_objects": ("frames", {"width": 96, "height": 64}),
    "green_screen": ("max_frames", {"clips": "studio", "hold": 2}),
    "frames": ("max_frames", {"ratio": 1.0}),
    "object_paste": ("max_frames", {"min_frames": 1}),
    "him_video": ("frames", {"level": "easy", "counts": "1:1"}),
}
"""Which parameter makes a sample longer, and what else is to be said."""
WITHOUT = {
    "him_image": "a sample is one picture",
    **scale({"effect_removal": "its renderer takes minutes for so many frames"}, {}),
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    made = Scenes(tmp_path_factory.mktemp("long"))
    made.add("camel", frames=LONG)
    made.add("beach", frames=LONG)
    add_studio(made, LONG)
    return made


def peak(slug: str, scenes: Scenes, frames: int) -> int:
    """Return the most bytes that arrays of a sample of ``frames`` frames held at once, and a
    process that renders it."""
    recipe = RECIPES[slug]
    name, others = LENGTHS[slug]
    frames = min(frames, MOST_OF_A_SCENE) if slug in RENDERED else frames
    plan = plan_sample(
        recipe, recipe.params(**{name: frames}, **others), scenes.pool, root_seed=3, index=1
    ).plan
    assert plan.frames == frames
    given = beside = 0
    tracemalloc.start()
    try:
        for _ in recipe.render(plan, scenes.sources, ignore_progress, never_stop):
            given += 1
            beside = max(beside, rendering() if slug in RENDERED else 0)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert given == frames
    return most + beside


def rendering() -> int:
    """Return the bytes that processes of this one hold."""
    return sum(child.memory_info().rss for child in psutil.Process().children(recursive=True))


def test_every_recipe_of_clips_is_measured() -> None:
    assert set(LENGTHS) | set(WITHOUT) == {recipe.info.slug for recipe in RECIPES}


@pytest.mark.parametrize("slug", sorted(LENGTHS))
def test_a_long_sample_takes_no_more_memory_than_a_short_one(slug: str, scenes: Scenes) -> None:
    peak(slug, scenes, SHORT)
    assert peak(slug, scenes, LONG) < 1.25 * peak(slug, scenes, SHORT) + 100_000


def test_two_scenes_of_one_frame_make_a_sample(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", frames=1)
    scenes.add("beach", frames=1)
    for slug in ("composite", "defocus", "frames", "moving_objects"):
        recipe = RECIPES[slug]
        fixed = {"frames": 1, "width": 64, "height": 48} if slug == "moving_objects" else {}
        plan = plan_sample(recipe, recipe.params(**fixed), scenes.pool, root_seed=1, index=0).plan
        frames = list(recipe.render(plan, scenes.sources, ignore_progress, never_stop))
        assert len(frames) == plan.frames == 1
