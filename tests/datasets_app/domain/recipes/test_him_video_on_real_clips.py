"""Real footage through HIM video: people and things cut out by their masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.him_video import HimVideo, HimVideoParams
from datasets_app.domain.synthesis.planner import plan_sample
from tests import clips
from tests.datasets_app.domain.recipes.test_object_paste_on_real_clips import real_clip

RECIPE = HimVideo()


@pytest.fixture(scope="module")
def pool() -> Pool:
    folders = sorted(path.parent for path in clips.ROOT.glob("*/input_video.mp4"))
    return Pool(clips=tuple(real_clip(folder) for folder in folders))


@clips.needs_clips
@pytest.mark.parametrize("level", ["easy", "medium"])
def test_real_clips_are_cut_out_laid_over_and_add_up(pool: Pool, level: str) -> None:
    params = HimVideoParams.model_validate(
        {"frames": 4, "level": level, "counts": "2:1", "enlarge": True}
    )
    plan = plan_sample(RECIPE, params, pool, root_seed=2, index=0).plan
    sources = {digest: Path(digest) for digest in plan.inputs}
    for layers in RECIPE.render(plan, sources, ignore_progress, never_stop):
        assert plan.recomposition is not None
        assert plan.recomposition.deviation(layers) <= 1
        seen = [layers[f"alpha_{number:02d}"] for number in range(2)]
        assert all(alpha.max() > 200 for alpha in seen)
        assert np.sum([alpha.astype(int) for alpha in seen], axis=0).max() <= 255
