"""Effect removal: what its samples are, over and above what holds for every recipe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datasets_app.domain.media.measured import measure_of
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval, EffectRemovalPlan
from datasets_app.domain.scenes.renderer import renderer
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.sources.pool import PoolSceneFile
from matteweb.errors import Unsuitable

RECIPE = EffectRemoval()
rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())


def planned(index: int = 0, **params: object) -> EffectRemovalPlan:
    small = {"side": 64, "frames": 2, "samples": 2, "low_light": 0, "objects_min": 3, **params}
    return plan_sample(RECIPE, RECIPE.params(**small), Pool(), root_seed=4, index=index).plan


def rendered(plan: EffectRemovalPlan) -> list[Layers]:
    return list(RECIPE.render(plan, {}, ignore_progress, never_stop))


def test_files_of_the_other_side_of_a_split_are_in_no_scene() -> None:
    chair = PoolSceneFile(1, "a" * 64, "chair", ".glb", split="test")
    pool = Pool(models=(chair, replace(chair, id=2, name="lamp", split="train")))
    stock = RECIPE.params(split="train").stock(pool)
    assert [one.name for one in stock.models] == ["lamp"]


@pytest.fixture(scope="module")
def sample() -> tuple[EffectRemovalPlan, list[Layers]]:
    plan = planned()
    return plan, rendered(plan)


@rendering
def test_the_trimask_removes_removed_objects_and_keeps_the_others(
    sample: tuple[EffectRemovalPlan, list[Layers]],
) -> None:
    plan, frames = sample
    removed = [thing.removed for thing in plan.scene.objects]
    for layers in frames:
        for index, goes in enumerate(removed, start=1):
            seen = layers["instances"] == index
            assert np.all(layers["mask"][seen] == (0 if goes else 255))
        assert np.all(layers["mask"][layers["instances"] == 0] == 128)


@rendering
def test_the_effect_is_where_the_pictures_differ_and_reaches_beyond_the_object(
    sample: tuple[EffectRemovalPlan, list[Layers]],
) -> None:
    _, frames = sample
    for layers in frames:
        differs = np.abs(layers["rgb_full"].astype(int) - layers["rgb_removed"]).max(axis=2) > 2
        assert np.array_equal(layers["effect"] == 255, differs)
        assert (differs & (layers["mask"] != 0)).any()


def test_a_plan_holds_the_whole_scene_and_reads_no_file() -> None:
    plan = planned()
    assert plan.inputs == ()
    assert EffectRemovalPlan.model_validate_json(plan.model_dump_json()) == plan


def test_a_binary_mask_keeps_everything_else() -> None:
    assert planned(mask_mode="binary").mask_mode == "binary"
    drawn = {planned(index, mask_mode="mixed").mask_mode for index in range(12)}
    assert drawn == {"binary", "trimask"}


def test_a_trial_takes_seconds_and_changes_nothing_else() -> None:
    params = RECIPE.params(side=512, wall=1)
    trial = params.for_trial()
    assert (trial.side, trial.frames) == (256, 5)
    assert trial.model_copy(update={"side": 512, "frames": 81}) == params


def test_ranges_that_are_upside_down_are_refused() -> None:
    with pytest.raises(ValueError, match="size_min must not exceed size_max"):
        RECIPE.params(size_min=2, size_max=1)


@rendering
def test_a_scene_whose_object_leaves_no_trace_is_refused() -> None:
    """Without any light but a faint sky there is neither shadow nor reflection to learn from."""
    plan = planned()
    dark = plan.scene.model_copy(
        update={
            "sun": plan.scene.sun.model_copy(update={"strength": 0.0}),
            "sky": plan.scene.sky.model_copy(update={"strength": 0.0}),
        }
    )
    with pytest.raises(Unsuitable, match="the scene was refused"):
        rendered(plan.model_copy(update={"scene": dark}))


@rendering
def test_ticked_labels_are_layers_of_the_sample() -> None:
    ticked = dict.fromkeys(("distance", "normals", "flow", "shadows", "apart", "defocus"), True)
    plan = planned(frames=1, samples=1, objects_min=1, objects_max=1, fur=1, shutter=0.5, **ticked)
    (layers,) = rendered(plan)
    specs = plan.sample_layers(RECIPE.layers)
    assert set(layers) == {spec.name for spec in specs}
    assert {"flow_backward", "shadow", "alpha_00", "rgb_defocus"} <= set(layers)
    for spec in specs:
        assert layers[spec.name].dtype == (np.uint16 if measure_of(spec.kind) else np.uint8)
    assert RECIPE.cost(plan).cpu_seconds > 2 * RECIPE.cost(planned(frames=1)).cpu_seconds / 2


def test_an_older_plan_has_no_labels() -> None:
    stored = planned().model_dump(mode="json")
    del stored["labels"]
    assert EffectRemovalPlan.model_validate(stored) == planned()
