"""Real footage through composite, defocus and moving objects: what is promised of painted clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.footage import Footage, footage
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Layers, Plan
from datasets_app.domain.synthesis.planner import plan_sample
from tests.clips import needs_clips

pytestmark = needs_clips

WAYS: list[tuple[str, dict[str, Any]]] = [
    ("composite", {"max_frames": 4, "colour_match": 0.5, "camera": 0.5}),
    ("defocus", {"max_frames": 4, "focus": "background"}),
    ("defocus", {"max_frames": 4, "scene": "as filmed"}),
    ("moving_objects", {"frames": 4, "shapes": 0.0}),
]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    return footage(tmp_path_factory.mktemp("clips"))


@pytest.mark.parametrize(("slug", "params"), WAYS)
def test_real_clips_recompose_and_show_their_subject(
    clips: Footage, slug: str, params: dict[str, Any]
) -> None:
    recipe = RECIPES[slug]
    plan: Plan = plan_sample(recipe, recipe.params(**params), clips.pool, root_seed=2, index=0).plan
    sources: dict[str, Path] = clips.sources
    frames: list[Layers] = list(recipe.render(plan, sources, ignore_progress, never_stop))
    assert len(frames) == 4
    assert plan.recomposition is not None
    assert max(plan.recomposition.deviation(layers) for layers in frames) <= 1
    covered = [float((layers["alpha"] > 127).mean()) for layers in frames]
    assert 0 < max(covered) < 0.9
    assert all(np.ptp(layers["rgb_full"].astype(int)) > 100 for layers in frames)
