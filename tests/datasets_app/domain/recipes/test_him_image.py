"""What HIM image promises beyond what every recipe does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool, Rejected
from datasets_app.domain.recipes.him_image import (
    HimImage,
    HimImageParams,
    HimImagePlan,
    HimImageWish,
)
from datasets_app.domain.synthesis.planner import Unreachable, plan_sample
from tests.subjects import Subjects, crowd

RECIPE = HimImage()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return crowd(tmp_path_factory.mktemp("people"), people=6)


def plan_of(pool: Pool, *, index: int = 0, **params: object) -> HimImagePlan:
    checked = HimImageParams.model_validate(params)
    return plan_sample(RECIPE, checked, pool, root_seed=5, index=index).plan


def render(plan: HimImagePlan, made: Subjects) -> Layers:
    (layers,) = RECIPE.render(plan, made.sources, ignore_progress, never_stop)
    return layers


def alphas(layers: Layers) -> list[np.ndarray]:
    return [layers[name] for name in sorted(layers) if name.startswith("alpha_")]


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


def legacy_count(rng: np.random.RandomState) -> int:
    """The published tool: the upper end of NumPy's legacy randint is exclusive."""
    return int(rng.randint(2, 5))


def test_five_people_are_reached_where_the_published_draw_stops_at_four(people: Subjects) -> None:
    rng = np.random.RandomState(0)
    assert max(legacy_count(rng) for _ in range(500)) == 4
    plans = [plan_of(people.pool, index=k, hidden_max=0.7) for k in range(40)]
    drawn = Counter(len(plan.instances) for plan in plans)
    assert drawn == {2: 10, 3: 10, 4: 10, 5: 10}


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


def test_the_pairwise_rule_lets_three_newcomers_hide_far_more_than_its_limit() -> None:
    """The rule of the published tool as it is, and what is really hidden of the first person."""
    first = np.ones(1000)
    visible = first.copy()
    for _ in range(3):
        newcomer = np.zeros(1000)
        newcomer[np.flatnonzero(visible > 0)[: int(0.3 * visible.sum())]] = 1
        after = visible * (1 - newcomer)
        assert after.sum() / (visible.sum() + 1e-7) >= 0.7 - 1e-3  # passes each time
        visible = after
    assert 1 - visible.sum() / first.sum() > 0.6


def test_the_published_preset_measures_pairs_and_ours_measures_people(people: Subjects) -> None:
    tool = [plan_of(people.pool, index=k, preset="published") for k in range(300)]
    assert max(plan.hidden for plan in tool) > 0.3
    ours = [plan_of(people.pool, index=k) for k in range(40)]
    assert max(plan.hidden for plan in ours) <= 0.3


def test_heights_use_their_whole_range_and_nobody_is_enlarged_unless_asked(
    people: Subjects,
) -> None:
    plans = [plan_of(people.pool, index=k, counts="2:1", hidden_max=0.9) for k in range(60)]
    height = plans[0].height
    shares = [one.height / height for plan in plans for one in plan.instances]
    assert 0.48 < min(shares) < 0.56
    factors = [one.height / (one.box[3] - one.box[1]) for plan in plans for one in plan.instances]
    assert max(factors) <= 1
    larger = [
        plan_of(people.pool, index=k, counts="2:1", enlarge=True, hidden_max=0.9) for k in range(60)
    ]
    assert max(one.height / height for plan in larger for one in plan.instances) > 0.85
    assert (
        max(one.height / (one.box[3] - one.box[1]) for plan in larger for one in plan.instances) > 1
    )


def test_people_on_the_ground_stand_at_the_bottom(people: Subjects) -> None:
    plan = plan_of(people.pool, ground=True, counts="3:1", hidden_max=0.8)
    assert {one.top + one.height for one in plan.instances} == {plan.height}


def test_the_published_draw_never_uses_the_last_place_and_fails_where_a_person_just_fits() -> None:
    """Its upper end is exclusive, so that an exact fit is an empty range."""
    with pytest.raises(ValueError, match="high <= 0"):
        np.random.RandomState(0).randint(0, 160 - 160)
    assert int(np.random.Generator(np.random.PCG64(0)).integers(160 - 160 + 1)) == 0


def test_alphas_sum_to_at_most_one_at_every_pixel(people: Subjects) -> None:
    for index in range(8):
        layers = render(plan_of(people.pool, index=index, counts="5:1", hidden_max=0.9), people)
        total = np.sum([alpha.astype(np.int64) for alpha in alphas(layers)], axis=0)
        assert total.max() <= 255


def test_truncated_alphas_lose_half_a_level_and_ours_do_not(people: Subjects) -> None:
    """The published tool truncates 255 A; here the product is rounded."""
    rng = np.random.default_rng(0)
    low, top = rng.integers(1, 255, 20000), rng.integers(1, 255, 20000)
    exact = low * (255 - top) / 255
    truncated = np.trunc(exact)
    rounded = cv2.multiply(low.astype(np.uint8), (255 - top).astype(np.uint8), scale=1 / 255)
    assert (truncated - exact).mean() < -0.4
    assert abs((rounded.ravel() - exact).mean()) < 0.02


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


def test_no_rim_of_the_old_backdrop_comes_along(tmp_path: Path) -> None:
    """The figure was filmed before 120-gray; pasted as filmed, its edge keeps that gray."""
    made = Subjects(tmp_path)
    for number in range(2):
        made.subject(f"person-{number}", size=FrameSize(128, 192))
    made.backdrop("hall", size=FrameSize(320, 240))
    plan = plan_of(made.pool, counts="2:1", foregrounds="each")
    layers = render(plan, made)
    one = plan.instances[1]
    filmed = next(read_rgb(made.sources[one.source.digest]))
    own = filmed[filmed.shape[0] // 2, filmed.shape[1] // 2].astype(int)
    alpha = layers["alpha_01"]
    edge = (alpha > 60) & (alpha < 200)
    assert edge.sum() > 50
    assert np.abs(layers["fgr_01"][edge].astype(int) - own).mean() < 14
    left, top, right, bottom = one.box
    crop = cv2.resize(filmed[top:bottom, left:right], (one.width, one.height))
    part = (slice(one.top, one.top + one.height), slice(one.left, one.left + one.width))
    as_pasted_by_the_published_tool = crop[edge[part]].astype(int)
    assert np.abs(as_pasted_by_the_published_tool - own).mean() > 25


def test_a_gray_background_keeps_peoples_colours(people: Subjects, tmp_path: Path) -> None:
    """One gray picture turned the whole composite gray in the published tool."""
    gray = np.full((120, 160), 90, np.uint8)
    path = tmp_path / "gray.png"
    cv2.imwrite(str(path), gray)
    behind = replace(people.backgrounds[0], digest="gray", group="gray", name="gray")
    pool = Pool((), tuple(people.foregrounds), (behind,))
    plan = plan_of(pool, counts="2:1")
    (layers,) = RECIPE.render(plan, people.sources | {"gray": path}, ignore_progress, never_stop)
    inside = np.maximum(layers["alpha_00"], layers["alpha_01"]) == 255
    seen = layers["rgb_full"][inside].astype(int)
    assert np.ptp(seen, axis=1).max() > 30
    canvas = Image.open(path)  # the published tool pastes onto the picture in its own mode
    canvas.paste(Image.fromarray(layers["fgr"]), (0, 0), Image.fromarray(layers["alpha_01"]))
    assert np.ptp(np.array(canvas.convert("RGB")).astype(int), axis=2).max() == 0


def test_the_order_of_files_changes_no_sample(people: Subjects) -> None:
    shuffled = Pool((), tuple(reversed(people.foregrounds)), tuple(reversed(people.backgrounds)))
    assert plan_of(shuffled, index=3) == plan_of(people.pool, index=3)
    as_listed = [one.name for one in people.foregrounds]
    assert as_listed[2] != as_listed[::-1][2]  # what drawing by place in a listing depends on


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
    assert "2 subjects, and counts asks for up to 5 people" in survey.reason
    assert RECIPE.survey(HimImageParams(counts="2"), few).possible
