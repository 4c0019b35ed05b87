"""Objects fitted to their new background: a shadow where they stand, colours of its light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.object_paste import ObjectPaste, ObjectPastePlan
from datasets_app.domain.synthesis.compositing.contact_shadow import contact_shadow, shaded
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scenes import Scenes, two_scenes

RECIPE = ObjectPaste()


@pytest.fixture
def scenes(tmp_path: Path) -> Scenes:
    return two_scenes(tmp_path)


def planned(scenes: Scenes, **params: float) -> ObjectPastePlan:
    chosen = RECIPE.params(**params)
    return plan_sample(RECIPE, chosen, scenes.pool, root_seed=7, index=0).plan


def frames(scenes: Scenes, plan: ObjectPastePlan, first: int = 0) -> list[Layers]:
    sources = scenes.sources
    return list(RECIPE.render_from(plan, sources, first, ignore_progress, never_stop))


def test_a_shadow_lies_around_the_lower_edge_and_nowhere_above() -> None:
    alpha = np.zeros((100, 80), np.uint8)
    alpha[20:70, 30:50] = 255
    lost = contact_shadow(alpha, 0.5)
    assert 100 <= lost.max() <= 128
    assert not lost[:50].any()
    assert lost[71, 40] > 40
    assert not lost[85:].any()
    assert not contact_shadow(np.zeros_like(alpha), 1).any()
    assert contact_shadow(np.full_like(alpha, 255), 1).any()
    grey = np.full((100, 80, 3), 200, np.uint8)
    darker = shaded(grey, lost)
    assert np.array_equal(darker[lost == 0], grey[lost == 0])
    assert darker[71, 40].max() < 175


@pytest.mark.parametrize("soft_edge", [0, 4])
def test_shadow_and_colours_change_the_full_picture_and_never_the_clean_one(
    scenes: Scenes, soft_edge: int
) -> None:
    plain = frames(scenes, planned(scenes, soft_edge=soft_edge))
    plan = planned(scenes, soft_edge=soft_edge, contact_shadow=0.8, colour_match=1.0)
    assert [spec.name for spec in plan.sample_layers(RECIPE.layers)][-1] == "bgr"
    for fitted, before in zip(frames(scenes, plan), plain, strict=True):
        for layer in ("rgb_removed", "alpha", "mask"):
            assert np.array_equal(fitted[layer], before[layer])
        assert plan.recomposition.deviation(fitted) <= 1
        shadow = fitted["bgr"].astype(int) - fitted["rgb_removed"]
        assert shadow.max() == 0 > shadow.min()
        beside = fitted["alpha"] == 0
        assert np.array_equal(fitted["rgb_full"][beside], fitted["bgr"][beside])


def test_colours_go_towards_those_of_the_background(scenes: Scenes) -> None:
    plain, plan = planned(scenes), planned(scenes, colour_match=1.0)
    before, after = frames(scenes, plain), frames(scenes, plan)
    inside = before[0]["alpha"] > 200
    behind = before[0]["rgb_removed"].reshape(-1, 3).mean(axis=0)
    away = [np.abs(one[0]["fgr"][inside].mean(axis=0) - behind).sum() for one in (before, after)]
    assert away[1] < away[0]
    assert "bgr" not in after[0]


def test_a_fitted_sample_goes_on_after_a_kill_with_the_same_bytes(scenes: Scenes) -> None:
    plan = planned(scenes, contact_shadow=0.5, colour_match=0.7)
    whole = frames(scenes, plan)
    for one, other in zip(frames(scenes, plan, first=9), whole[9:], strict=True):
        assert all(np.array_equal(one[layer], other[layer]) for layer in other)


def test_without_either_a_plan_and_its_bytes_are_what_they_were(scenes: Scenes) -> None:
    plan = planned(scenes)
    stored = plan.model_dump(mode="json")
    del stored["colour_match"], stored["contact_shadow"]
    assert ObjectPastePlan.model_validate(stored) == plan
    assert plan.sample_layers(RECIPE.layers) == RECIPE.layers
