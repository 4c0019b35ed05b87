"""Tries, seeds and what is said when a sample cannot be reached."""

from __future__ import annotations

from itertools import count
from time import sleep

import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Pool, RecipeParams
from datasets_app.domain.synthesis.planner import (
    TRIES,
    Unreachable,
    forecast,
    patience,
    plan_sample,
)
from tests.scenes import Scenes

RECIPE = RECIPES["object_paste"]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """Three scenes; at full size the camel covers just more than the limit."""
    made = Scenes(tmp_path_factory.mktemp("scenes"))
    made.add("camel", cover=0.06)
    made.add("beach", cover=None)
    made.add("street", cover=0.2)
    return made


@pytest.fixture(scope="module")
def pool(scenes: Scenes) -> Pool:
    return scenes.pool


def test_a_sample_does_not_depend_on_the_others(pool: Pool) -> None:
    params = RECIPE.params()
    forwards = [plan_sample(RECIPE, params, pool, root_seed=3, index=k).plan for k in range(5)]
    backwards = [
        plan_sample(RECIPE, params, pool, root_seed=3, index=k).plan for k in reversed(range(5))
    ]
    assert forwards == backwards[::-1]
    assert len({plan.model_dump_json() for plan in forwards}) == 5


def test_tries_that_fell_are_counted_by_reason(pool: Pool) -> None:
    params = RECIPE.params()
    found = [plan_sample(RECIPE, params, pool, root_seed=1, index=k) for k in range(20)]
    assert all(sum(each.rejected.values()) == each.tries - 1 for each in found)
    assert any(each.tries > 1 for each in found)


def nearly_impossible(pool: Pool) -> tuple[RecipeParams, Pool]:
    """Return limits that only one draw in a hundred passes: the object at its full size."""
    camel_only = Pool(clips=tuple(clip for clip in pool.clips if clip.name != "street"))
    (camel,) = RECIPE.survey(RECIPE.params(), camel_only).admitted
    return RECIPE.params(mask_mean_min=camel.figure * 0.988, shift=0.05), camel_only


def test_a_sample_without_a_plan_says_why(pool: Pool) -> None:
    params, camel_only = nearly_impossible(pool)
    assert RECIPE.survey(params, camel_only).possible
    with pytest.raises(Unreachable, match=f"in {TRIES} tries: 100 x the object covers") as caught:
        for index in range(50):
            plan_sample(RECIPE, params, camel_only, root_seed=1, index=index)
    assert sum(caught.value.rejected.values()) == TRIES
    assert caught.value.hint


def test_a_forecast_tells_before_the_run_what_will_be_missing(pool: Pool) -> None:
    params, camel_only = nearly_impossible(pool)
    told = forecast(RECIPE, params, camel_only, root_seed=1, count=12)
    really = 0
    for index in range(12):
        try:
            plan_sample(RECIPE, params, camel_only, root_seed=1, index=index)
        except Unreachable:
            really += 1
    assert told.unreachable == really > 0
    assert told.shortfall.startswith(f"{really} of the first 12 samples find no plan")


def test_a_forecast_of_a_long_run_plans_only_its_beginning(pool: Pool) -> None:
    told = forecast(RECIPE, RECIPE.params(), pool, root_seed=1, count=500, at_most=8)
    assert (told.tried, told.unreachable, told.shortfall) == (8, 0, "")


def test_a_forecast_says_what_it_saw_when_nobody_waits_longer(pool: Pool) -> None:
    params, camel_only = nearly_impossible(pool)
    asked = count(1)
    told = forecast(
        RECIPE, params, camel_only, root_seed=1, count=12, give_up=lambda: next(asked) == 7
    )
    assert (told.tried, told.draws, told.cost) == (0, 7, None)
    assert told.shortfall.startswith("no draw of 7 makes a sample: 7 x the object covers")
    at_once = next(
        seed
        for seed in range(50)
        if plan_sample(RECIPE, RECIPE.params(), pool, root_seed=seed, index=0).tries == 1
    )
    told = forecast(
        RECIPE, RECIPE.params(), pool, root_seed=at_once, count=12, give_up=lambda: True
    )
    assert (told.tried, told.shortfall) == (1, "")
    assert told.cost is not None


def test_patience_counts_computing_and_not_waiting() -> None:
    give_up = patience(0.02)
    sleep(0.05)
    assert not give_up()
    while not give_up():
        sum(range(1000))


def test_planning_a_sample_opens_no_video(scenes: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: object, *_: object, **__: object) -> None:
        raise AssertionError(f"{path} was opened while planning")

    monkeypatch.setattr("av.open", forbidden)
    plan = plan_sample(RECIPE, RECIPE.params(), scenes.pool, root_seed=0, index=0).plan
    with pytest.raises(AssertionError, match="was opened while planning"):  # render, then judge
        next(RECIPE.render(plan, scenes.sources, ignore_progress, never_stop))
