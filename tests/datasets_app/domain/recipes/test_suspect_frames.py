"""A frame whose matte belongs to another picture is in no sample of any recipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Plan, Pool
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.planner import plan_sample
from tests.subjects import crowd

SUSPECT, FRAMES, PLANS = 6, 4, 25
SHORT = {"min_frames": FRAMES, "max_frames": FRAMES}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """Clips of twelve frames, of which one has the matte of another picture."""
    return crowd(tmp_path_factory.mktemp("people"), frames=12).pool


def doubted(pool: Pool) -> Pool:
    made = []
    for one in pool.foregrounds:
        assert one.facts is not None
        made.append(replace(one, facts=replace(one.facts, suspects=(SUSPECT,))))
    return Pool(foregrounds=tuple(made), backgrounds=pool.backgrounds)


def windows(plan: Any) -> Iterator[FrameWindow]:
    """Yield which frames of subjects a plan takes."""
    if not hasattr(plan, "objects"):
        yield FrameWindow(plan.start, plan.step, plan.frames)
        return
    for one in plan.objects:
        if one.source is not None:
            yield FrameWindow(one.start, one.step, plan.frames if one.plays else 1)


def taken(slug: str, pool: Pool, params: dict[str, Any]) -> list[FrameWindow]:
    recipe = RECIPES[slug]
    plans: list[Plan] = [
        plan_sample(recipe, recipe.params(**params), pool, root_seed=1, index=index).plan
        for index in range(PLANS)
    ]
    return [window for plan in plans for window in windows(plan)]


@pytest.mark.parametrize(
    ("slug", "params"),
    [
        ("composite", SHORT),
        ("defocus", SHORT | {"scene": "composited"}),
        ("defocus", SHORT | {"scene": "as filmed"}),
        ("frames", {"ratio": 0.3}),
        ("frames", {"ratio": 0.3, "mode": "strided"}),
        ("moving_objects", {"frames": FRAMES}),
    ],
)
def test_no_sample_takes_a_frame_with_the_matte_of_another_picture(
    slug: str, params: dict[str, Any], people: Pool
) -> None:
    assert any(window.takes(SUSPECT) for window in taken(slug, people, params))
    chosen = taken(slug, doubted(people), params)
    assert chosen
    assert not any(window.takes(SUSPECT) for window in chosen)
