"""What holds for every recipe in the list; a new one is tested by being listed."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import psutil
import pytest
from pydantic import ValidationError

from datasets_app.domain.media.measured import measure_of
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import Progress, ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import (
    AssetRef,
    ClipRef,
    Layers,
    Plan,
    Pool,
    Recipe,
    Resumable,
)
from datasets_app.domain.scenes.checks import EFFECT_LEVELS
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.errors import Cancelled
from tests.killed_render import PIECE, digests, render_apart
from tests.scenes import Scenes, two_scenes
from tests.studio import add_studio
from tests.subjects import crowd

TRIMASK = {0, 128, 255}

Deviations: TypeAlias = Callable[[Layers, int], float]
"""Tells a frame's distance from what is said of it, in levels of 255, by its layers and number."""

SMALL: dict[str, dict[str, object]] = {
    "effect_removal": {"side": 64, "frames": 3, "samples": 1, "objects_max": 2, "low_light": 0},
    "him_video": {"frames": 9},
    "composite": {"max_frames": 12},
    "defocus": {"max_frames": 12},
    "moving_objects": {"frames": 12, "width": 96, "height": 64},
    "green_screen": {"clips": "studio", "max_frames": 12},
    "frames": {"ratio": 0.6},
}
"""Parameters under which a recipe makes a sample in seconds, where its defaults do not."""

SOURCELESS = {"effect_removal"}
"""Recipes that draw nothing from the pool."""

TWIN = "twin of "
"""Begins the digests of sources that are there twice."""


def over(*layers: str) -> pytest.MarkDecorator:
    """Run over the recipes whose samples have these layers; over all when none is named."""
    chosen = [r for r in RECIPES if set(layers) <= {spec.name for spec in r.layers}]
    assert chosen, f"no recipe has {layers}"
    return pytest.mark.parametrize("recipe", [case(recipe) for recipe in chosen])


def reporter(told: list[tuple[int, int | None]]) -> Progress:
    """Return a progress that writes into ``told``."""
    return lambda done, total: told.append((done, total))


def resumable(recipe: Recipe) -> bool:
    return isinstance(recipe, Resumable)


def case(recipe: Recipe) -> object:
    """Return the recipe as a parameter, which says why where it cannot run."""
    missing = recipe.unavailable()
    marks = [pytest.mark.skip(reason=missing)] if missing else []
    return pytest.param(recipe, id=recipe.info.slug, marks=marks)


recipes = over()
sourced = pytest.mark.parametrize(
    "recipe", [case(recipe) for recipe in RECIPES if recipe.info.slug not in SOURCELESS]
)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """Two filmed scenes with masks, one before a green screen, and people and backdrops that came
    in as assets."""
    made = two_scenes(tmp_path_factory.mktemp("scenes"))
    add_studio(made)
    people = crowd(tmp_path_factory.mktemp("people"), frames=31)
    made.foregrounds, made.backgrounds = people.foregrounds, people.backgrounds
    made.sources |= people.sources
    return made


def planned(recipe: Recipe, scenes: Scenes, *, root_seed: int = 7, index: int = 0) -> Plan:
    params = recipe.params(**SMALL.get(recipe.info.slug, {}))
    found = plan_sample(recipe, params, scenes.pool, root_seed=root_seed, index=index)
    plan: Plan = found.plan
    return plan


def rendered(recipe: Recipe, plan: Plan, scenes: Scenes) -> Generator[Layers, None, None]:
    """Render with only those sources that the plan names."""
    sources = {digest: scenes.sources[digest] for digest in plan.inputs}
    return recipe.render(plan, sources, ignore_progress, never_stop)


@dataclass(frozen=True)
class Made:
    """Samples of every recipe, each rendered when it is first asked for."""

    scenes: Scenes
    kept: dict[str, tuple[Plan, list[Layers]]] = field(default_factory=dict)

    def sample(self, recipe: Recipe) -> tuple[Plan, list[Layers]]:
        """Return a plan and all its frames."""
        slug = recipe.info.slug
        if slug not in self.kept:
            plan = planned(recipe, self.scenes)
            self.kept[slug] = plan, list(rendered(recipe, plan, self.scenes))
        return self.kept[slug]


@pytest.fixture(scope="module")
def made(scenes: Scenes) -> Made:
    return Made(scenes)


@recipes
def test_parameters_draw_a_form_and_refuse_what_they_do_not_know(recipe: Recipe) -> None:
    schema = recipe.params.model_json_schema()
    json.dumps(schema)
    assert all("default" in field and field.get("title") for field in schema["properties"].values())
    with pytest.raises(ValidationError):
        recipe.params(surely_no_parameter=1)


@recipes
def test_it_runs_here_and_says_what_it_needs(recipe: Recipe) -> None:
    assert recipe.unavailable() == ""
    assert recipe.info.summary
    assert bool(recipe.needs) != (recipe.info.slug in SOURCELESS)
    assert recipe.category


@recipes
def test_a_survey_is_plain_json(recipe: Recipe, scenes: Scenes) -> None:
    survey = recipe.survey(recipe.params(), scenes.pool)
    assert survey.possible
    assert json.loads(json.dumps(survey.as_json()))["possible"] is True


@sourced
def test_an_empty_pool_is_refused_with_a_reason(recipe: Recipe) -> None:
    survey = recipe.survey(recipe.params(), Pool())
    assert not survey.possible
    assert survey.reason


@recipes
def test_same_seed_same_plan_and_another_seed_another(recipe: Recipe, scenes: Scenes) -> None:
    assert planned(recipe, scenes) == planned(recipe, scenes)
    others = [planned(recipe, scenes, root_seed=seed) for seed in range(8, 12)]
    assert any(other != planned(recipe, scenes) for other in others)


def test_a_sample_of_one_side_of_a_split_has_nothing_of_the_other(scenes: Scenes) -> None:
    two_sides = Pool(**on_both_sides(scenes.pool))
    mixing = [
        one for one in RECIPES if one.info.slug not in SOURCELESS | {"green_screen", "frames"}
    ]
    for recipe in mixing:
        for side in ("train", "test"):
            params = recipe.params(**SMALL.get(recipe.info.slug, {}), split=side)
            for index in range(3):
                plan = plan_sample(recipe, params, two_sides, root_seed=7, index=index).plan
                assert {digest.startswith(TWIN) for digest in plan.inputs} == {side == "test"}


def on_both_sides(pool: Pool) -> dict[str, tuple[Any, ...]]:
    """Return all that is in the pool for training, and a twin of each for testing."""
    sides: dict[str, tuple[Any, ...]] = {}
    for kind in fields(pool):
        own = getattr(pool, kind.name)
        sides[kind.name] = (
            *(replace(one, split="train") for one in own),
            *(replace(twin(one), split="test") for one in own),
        )
    return sides


def twin(source: Any) -> Any:
    """Return the same source, or mask, under digests of its own."""
    files = [name for name in ("digest", "alpha_digest", "cutout") if getattr(source, name, "")]
    own = {name: TWIN + getattr(source, name) for name in files}
    if hasattr(source, "masks"):
        own["masks"] = tuple(map(twin, source.masks))
        own |= {name: twin(m) for name in ("depth", "garbage") if (m := getattr(source, name))}
    return replace(source, **own)


@recipes
def test_a_plan_survives_json(recipe: Recipe, scenes: Scenes) -> None:
    plan = planned(recipe, scenes)
    assert recipe.plan_model.model_validate(json.loads(plan.model_dump_json())) == plan


@recipes
def test_a_sample_has_the_layers_that_the_recipe_names(recipe: Recipe, made: Made) -> None:
    plan, frames = made.sample(recipe)
    specs = plan.sample_layers(recipe.layers)
    assert len(frames) == plan.frames
    for layers in frames:
        assert set(layers) == {spec.name for spec in specs}
        for spec in specs:
            measure = measure_of(spec.kind)
            channels = measure.channels if measure else 3 if spec.kind == "rgb" else 1
            shape = (plan.height, plan.width, 3) if channels == 3 else (plan.height, plan.width)
            assert layers[spec.name].shape == shape
            assert layers[spec.name].dtype == (np.uint16 if measure else np.uint8)


@recipes
def test_one_layer_stands_for_the_sample_and_trainers_get_theirs(recipe: Recipe) -> None:
    assert sum(spec.pictures for spec in recipe.layers) == 1
    assert "rgb_full" in {spec.name for spec in recipe.layers if spec.delivered}


@recipes
def test_the_plan_alone_rebuilds_every_byte(recipe: Recipe, made: Made) -> None:
    plan, frames = made.sample(recipe)
    stored = recipe.plan_model.model_validate_json(plan.model_dump_json())
    for first, again in zip(frames, rendered(recipe, stored, made.scenes), strict=True):
        assert all(np.array_equal(first[name], again[name]) for name in first)


@recipes
def test_a_frame_that_was_handed_out_stays_as_it_is(recipe: Recipe, scenes: Scenes) -> None:
    kept, copies = [], []
    for layers in rendered(recipe, planned(recipe, scenes), scenes):
        kept.append(layers)
        copies.append({name: frame.copy() for name, frame in layers.items()})
    for layers, copy in zip(kept, copies, strict=True):
        assert all(np.array_equal(layers[name], copy[name]) for name in copy)


def off_its_source(source: AssetRef | ClipRef, plan: Any, scenes: Scenes) -> Deviations:
    """Return what tells how far a full picture is from the frame of its source."""
    pictures = list(read_rgb(scenes.sources[source.digest]))

    def deviation(layers: Layers, number: int) -> float:
        wanted = pictures[plan.start + number * plan.step].astype(int)
        return float(np.abs(layers["rgb_full"] - wanted).max())

    return deviation


def off_its_effect(layers: Layers, number: int) -> float:
    """Return how far the two renders are apart where no effect is said to be, beyond noise."""
    apart = np.abs(layers["rgb_full"].astype(int) - layers["rgb_removed"]).max(axis=2)
    return float(np.maximum(apart[layers["effect"] == 0] - EFFECT_LEVELS, 0).max(initial=0))


IDENTITIES: dict[str, Callable[[Any, Scenes], Deviations]] = {
    "frames": lambda plan, scenes: off_its_source(plan.foreground, plan, scenes),
    "green_screen": lambda plan, scenes: off_its_source(plan.clip, plan, scenes),
    "effect_removal": lambda plan, scenes: off_its_effect,
}
"""What holds instead, of recipes that compose nothing."""


@recipes
def test_stored_layers_recompose_the_full_picture_or_are_what_they_are_said_to_be(
    recipe: Recipe, made: Made
) -> None:
    plan, frames = made.sample(recipe)
    if plan.recomposition is None:
        off = IDENTITIES[recipe.info.slug](plan, made.scenes)
        assert all(off(layers, number) <= 1 for number, layers in enumerate(frames))
        return
    assert recipe.info.slug not in IDENTITIES
    others = [planned(recipe, made.scenes, index=index) for index in (1, 2)]
    for layers in chain(frames, *(rendered(recipe, other, made.scenes) for other in others)):
        assert plan.recomposition.deviation(layers) <= 1
        if {"alpha", "rgb_removed"} <= set(layers):
            outside = layers["alpha"] == 0
            assert np.array_equal(layers["rgb_full"][outside], layers["rgb_removed"][outside])


@over("mask")
def test_the_mask_is_exact_and_removes_something(recipe: Recipe, made: Made) -> None:
    removed = 0
    for layers in made.sample(recipe)[1]:
        assert set(np.unique(layers["mask"])) <= TRIMASK
        if "alpha" in layers:
            assert np.all(layers["mask"][layers["alpha"] > 0] == 0)
        removed += int((layers["mask"] == 0).sum())
    assert removed > 0


@recipes
def test_it_stops_when_it_is_asked_to(recipe: Recipe, scenes: Scenes) -> None:
    plan = planned(recipe, scenes)
    sources = {digest: scenes.sources[digest] for digest in plan.inputs}
    seen = 0
    enough = min(2, plan.frames - 1)
    frames = recipe.render(plan, sources, ignore_progress, lambda: seen >= enough)
    with pytest.raises(Cancelled):
        for _ in frames:
            seen += 1
    assert seen == enough


@pytest.mark.parametrize("recipe", [case(recipe) for recipe in RECIPES if resumable(recipe)])
def test_it_goes_on_from_any_frame_with_the_same_bytes(
    recipe: Recipe, scenes: Scenes, made: Made
) -> None:
    assert isinstance(recipe, Resumable)
    plan, whole = made.sample(recipe)
    for first in sorted({1, plan.frames // 2, plan.frames - 1} - {0}):
        told: list[tuple[int, int | None]] = []
        rest = list(recipe.render_from(plan, scenes.sources, first, reporter(told), never_stop))
        assert [done for done, _ in told] == list(range(first + 1, plan.frames + 1))
        for ours, theirs in zip(rest, whole[first:], strict=True):
            assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


@recipes
def test_killed_in_the_middle_and_begun_again_it_leaves_the_same_files(
    recipe: Recipe, scenes: Scenes, tmp_path: Path
) -> None:
    """By SIGKILL, with files half written; a long sample makes only what a kill cost."""
    plan = planned(recipe, scenes)
    sources = {digest: scenes.sources[digest] for digest in plan.inputs}
    slug, last = recipe.info.slug, plan.frames - 1
    folder, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    assert render_apart(plan, slug, sources, undisturbed) == plan.frames
    killed_at = min(PIECE + 1, last)
    assert render_apart(plan, slug, sources, folder, killed_at) is None
    made = render_apart(plan, slug, sources, folder)
    kept = (killed_at + 1) // PIECE * PIECE if resumable(recipe) else 0
    assert made == plan.frames - kept
    assert digests(folder) == digests(undisturbed)


@recipes
def test_it_reports_every_frame(recipe: Recipe, scenes: Scenes) -> None:
    plan = planned(recipe, scenes)
    told: list[tuple[int, int | None]] = []
    frames = recipe.render(plan, scenes.sources, reporter(told), never_stop)
    assert sum(1 for _ in frames) == plan.frames
    assert told == [(number, plan.frames) for number in range(1, plan.frames + 1)]


@sourced
def test_it_closes_its_files_when_nobody_reads_on(recipe: Recipe, scenes: Scenes) -> None:
    def held() -> set[Path]:
        ours = set(scenes.sources.values())
        return {Path(file.path) for file in psutil.Process().open_files()} & ours

    frames = rendered(recipe, planned(recipe, scenes), scenes)
    next(frames)
    assert held()
    frames.close()
    assert not held()


@recipes
def test_it_estimates_what_a_sample_takes(recipe: Recipe, scenes: Scenes) -> None:
    cost = recipe.cost(planned(recipe, scenes))
    assert cost.cpu_seconds > 0
    assert cost.bytes > 0
