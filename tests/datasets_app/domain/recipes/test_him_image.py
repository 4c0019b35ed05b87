"""What HIM image promises beyond what every recipe does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from datasets_app.domain.recipes.base import Pool, Rejected
from datasets_app.domain.recipes.him_image import (
    HimImage,
    HimImageParams,
    HimImagePlan,
    HimImageWish,
)
from datasets_app.domain.synthesis.planner import Unreachable, plan_sample
from tests.datasets_app.domain.recipes.him_samples import RECIPE, alphas, plan_of, render
from tests.subjects import Subjects, crowd


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return crowd(tmp_path_factory.mktemp("people"), people=6)


def truly_hidden(plan: HimImagePlan, made: Subjects) -> list[float]:
    """Measure on the pixels: each person alone against its visible alpha."""
    visible = alphas(render(plan, made))
    shares = []
    for number, one in enumerate(plan.instances):
        alone = plan.model_copy(update={"instances": (one,)})
        own = alphas(render(alone, made))[0].sum(dtype=np.int64)
        shares.append(1 - visible[number].sum(dtype=np.int64) / own)
    return shares


def test_the_defaults_are_those_of_the_paper() -> None:
    params = HimImageParams()
    assert (params.scale_min, params.scale_max, params.hidden_max) == (0.5, 0.9, 0.3)
    assert params.counts == "2:1 3:1 4:1 5:1"
    tool = HimImageParams(preset="published").effective()
    assert (tool.counts, tool.tries, tool.drop) == ("2:1 3:1 4:1", 3, True)
    assert (tool.enlarge, tool.ground, tool.rule.pairwise) == (True, False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"counts": "two"},
        {"counts": "2:0"},
        {"counts": ""},
        {"overlaps": "0.3-0.1"},
        {"scale_min": 0.9, "scale_max": 0.6},
        {"preset": "seed"},
    ],
)
def test_parameters_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HimImageParams.model_validate(wrong)


def test_two_to_five_people_come_as_often_as_was_asked(people: Subjects) -> None:
    plans = [plan_of(people.pool, index=k, counts="2:3 4:1", hidden_max=0.6) for k in range(120)]
    counted = Counter(len(plan.instances) for plan in plans)
    assert counted == {2: 90, 4: 30}


def test_overlaps_fall_where_they_were_asked_for_as_often_as_asked(people: Subjects) -> None:
    bands = {"overlaps": "0-0.02:1 0.1-0.4:1", "hidden_max": 0.5, "counts": "2:1"}
    hidden = [plan_of(people.pool, index=k, **bands).hidden for k in range(60)]
    apart = sum(share <= 0.02 for share in hidden)
    assert all(share <= 0.02 or 0.1 <= share <= 0.4 for share in hidden)
    assert apart == 30


HARD = HimImageParams(
    counts="2:1 5:1", hidden_max=0.02, scale_min=0.9, scale_max=1, tries=3, enlarge=True
)
"""Two find a place, five do not."""


def counted(recipe: HimImage, pool: Pool, samples: int) -> Counter[int | str]:
    """Return how many samples of a run have how many people, or are refused by which reason."""
    found: Counter[int | str] = Counter()
    for index in range(samples):
        try:
            plan = plan_sample(recipe, HARD, pool, root_seed=5, index=index).plan
        except Unreachable as refused:
            found.update(list(refused.rejected))
        else:
            found[len(plan.instances)] += 1
    return found


class Swapping(HimImage):
    """As it was: every try asks for another number, so that only what is easy comes."""

    def plan_wish(
        self, params: HimImageParams, pool: Pool, rng: np.random.Generator, wish: HimImageWish
    ) -> HimImagePlan | Rejected:
        anew = self.wish(params, 5, int(rng.integers(2**31)))
        return super().plan_wish(params, pool, rng, anew)


def test_what_is_hard_to_reach_is_refused_where_it_was_swapped_for_something_easier(
    people: Subjects,
) -> None:
    reason = "no arrangement of 5 people found a place for each"
    assert counted(HimImage(), people.pool, 4) == {2: 2, reason: 2}
    assert counted(Swapping(), people.pool, 4) == {2: 4}


def test_a_try_without_a_run_has_one_of_the_asked_numbers(people: Subjects) -> None:
    params = HimImageParams(counts="2:1 3:1", hidden_max=0.7)
    tries = [RECIPE.plan(params, people.pool, np.random.default_rng(k)) for k in range(12)]
    assert {len(one.instances) for one in tries if isinstance(one, HimImagePlan)} == {2, 3}


def test_a_redraw_keeps_what_the_sample_was_asked_for(people: Subjects) -> None:
    params = HimImageParams(hidden_max=0.7)
    for index in range(4):
        plans = [
            plan_sample(RECIPE, params, people.pool, root_seed=5, index=index, redraw=redraw).plan
            for redraw in range(3)
        ]
        assert len({len(plan.instances) for plan in plans}) == 1
        assert len({plan.model_dump_json() for plan in plans}) == 3


def test_nobody_is_hidden_more_than_the_limit_on_the_pixels_that_are_stored(
    people: Subjects,
) -> None:
    for index in range(12):
        plan = plan_of(people.pool, index=index, counts="4:1", tries=60)
        measured = truly_hidden(plan, people)
        assert max(measured) <= 0.3
        planned = [one.hidden for one in plan.instances]
        assert np.abs(np.array(measured) - planned).max() < 0.02


def test_alphas_sum_to_at_most_one_at_every_pixel(people: Subjects) -> None:
    for index in range(8):
        layers = render(plan_of(people.pool, index=index, counts="5:1", hidden_max=0.9), people)
        total = np.sum([alpha.astype(np.int64) for alpha in alphas(layers)], axis=0)
        assert total.max() <= 255


@pytest.mark.parametrize("foregrounds", ["merged", "each"])
def test_the_picture_is_the_sum_of_what_is_stored(people: Subjects, foregrounds: str) -> None:
    plan = plan_of(people.pool, foregrounds=foregrounds, counts="4:1", hidden_max=0.8)
    layers = render(plan, people)
    assert plan.recomposition is not None
    assert plan.recomposition.deviation(layers) <= 1
    assert ("fgr" in layers) == (foregrounds == "merged")
    untouched = np.sum([alpha.astype(int) for alpha in alphas(layers)], axis=0) == 0
    assert np.array_equal(layers["rgb_full"][untouched], layers["rgb_removed"][untouched])


def test_without_side_layers_there_is_the_picture_and_its_alphas(people: Subjects) -> None:
    plan = plan_of(people.pool, foregrounds="none", clean=False, counts="2:1")
    assert set(render(plan, people)) == {"rgb_full", "alpha_00", "alpha_01"}
    assert plan.recomposition is None


def test_guidance_masks_come_in_sets_and_change_nothing_else(people: Subjects) -> None:
    plain = plan_of(people.pool, counts="3:1", hidden_max=0.8)
    guided = plan_of(people.pool, counts="3:1", hidden_max=0.8, guidance="rough binary")
    assert guided.instances == plain.instances
    layers = render(guided, people)
    assert set(layers) - set(render(plain, people)) == {
        f"mask_{source:02d}_{person:02d}" for source in range(2) for person in range(3)
    }
    for source in range(2):
        masks = [layers[f"mask_{source:02d}_{person:02d}"] > 0 for person in range(3)]
        assert np.sum(masks, axis=0).max() == 1
    assert guided.model_dump(mode="json")["guidance"] == ["rough", "binary"]


def test_one_side_of_the_split_is_drawn_from_and_nobody_twice(people: Subjects) -> None:
    halves = tuple(
        replace(one, split="train" if number < 4 else "test")
        for number, one in enumerate(people.foregrounds)
    )
    pool = Pool((), halves, tuple(people.backgrounds))
    for index in range(12):
        plan = plan_of(pool, index=index, split="train", counts="4:1", hidden_max=0.9)
        names = [one.source.name for one in plan.instances]
        assert len(set(names)) == 4
        assert set(names) <= {f"person-{number}" for number in range(4)}


def test_a_pool_that_is_too_small_says_what_is_missing(people: Subjects) -> None:
    few = Pool((), tuple(people.foregrounds[:2]), tuple(people.backgrounds))
    survey = RECIPE.survey(HimImageParams(), few)
    assert not survey.possible
    assert "2 subjects, and People (counts) asks for up to 5" in survey.reason
    assert RECIPE.survey(HimImageParams(counts="2"), few).possible
