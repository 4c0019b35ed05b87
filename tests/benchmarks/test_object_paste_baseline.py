"""The figures of `make bench` compare like with like: both sides make the same sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.baselines.object_paste import Move, composite, measure, transformed_mask
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.object_paste import ObjectPaste, ObjectPasteParams
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scenes import two_scenes


@pytest.mark.parametrize("index", range(4))
def test_the_recipe_and_the_whole_clip_baseline_make_the_same_sample(
    tmp_path: Path, index: int
) -> None:
    scenes = two_scenes(tmp_path)
    recipe = ObjectPaste()
    params = ObjectPasteParams(mask_margin=0)
    plan = plan_sample(recipe, params, scenes.pool, root_seed=2, index=index).plan
    frames = list(recipe.render(plan, scenes.sources, ignore_progress, never_stop))
    picture, background = (
        np.stack(list(read_rgb(scenes.sources[ref.digest])))
        for ref in (plan.foreground, plan.background)
    )
    mask = np.stack(list(read_gray(scenes.sources[plan.mask.digest])))
    move = Move(plan.scale, plan.shift_x, plan.shift_y)
    full, removed, trimask = composite(picture, mask, background, move)

    ours = {name: np.stack([layers[name] for layers in frames]) for name in frames[0]}
    assert np.array_equal(ours["rgb_removed"], removed)
    # Two pixels of the outline, where the recipe filters before it shrinks.
    assert (ours["mask"] != trimask).mean() < 0.02
    alike = (ours["mask"] == 128) & (trimask == 128)
    assert np.array_equal(ours["rgb_full"][alike], full[alike])
    figures = measure(transformed_mask(mask, move))
    assert plan.mean == pytest.approx(figures.mean, abs=0.01)
    assert plan.max == pytest.approx(figures.max, abs=0.015)
    assert plan.stationary == pytest.approx(figures.stationary, abs=0.03)
