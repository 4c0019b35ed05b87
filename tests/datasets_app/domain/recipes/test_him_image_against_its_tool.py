"""HIM image where the tool that made I-HIM50K leaves its paper or the truth.

What the recipe is held to stands in a function, and the tool's way has to fail it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.him_image import HimImageParams, HimImagePlan
from datasets_app.domain.synthesis import planner
from datasets_app.domain.synthesis.crowd.instance_compositor import compose
from datasets_app.domain.synthesis.crowd.instance_frames import Piece
from datasets_app.domain.synthesis.crowd.occlusion import hidden_shares, pairwise_hidden
from datasets_app.domain.synthesis.crowd.placing import PlaceRule, place_people
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.sources.pool import PoolBackground, PoolForeground
from datasets_app.domain.synthesis.sources.subject_track import SubjectTrack
from tests.datasets_app.domain.recipes.him_samples import RECIPE, plan_of, render
from tests.subjects import Subjects, crowd


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return crowd(tmp_path_factory.mktemp("people"), people=6)


def legacy_count(rng: np.random.RandomState) -> int:
    """The published tool: the upper end of NumPy's legacy randint is exclusive."""
    return int(rng.randint(2, 5))


def as_often_as_each_other(counts: Sequence[int]) -> None:
    assert Counter(counts) == dict.fromkeys((2, 3, 4, 5), len(counts) // 4)


def test_five_people_are_reached_where_the_published_draw_stops_at_four(people: Subjects) -> None:
    plans = [plan_of(people.pool, index=k, hidden_max=0.7) for k in range(40)]
    as_often_as_each_other([len(plan.instances) for plan in plans])
    rng = np.random.RandomState(0)
    published = [legacy_count(rng) for _ in range(500)]
    assert max(published) == 4
    with pytest.raises(AssertionError):
        as_often_as_each_other(published)


def all_four_are_there(plans: Sequence[HimImagePlan]) -> None:
    assert {len(plan.instances) for plan in plans} == {4}


def test_nobody_is_left_out_where_the_published_tool_drops_who_finds_no_place(
    people: Subjects,
) -> None:
    tight = {"counts": "4:1", "tries": 3, "scale_min": 0.8, "enlarge": True}
    all_four_are_there([plan_of(people.pool, index=k, **tight) for k in range(6)])
    with pytest.raises(AssertionError):
        all_four_are_there([plan_of(people.pool, index=k, drop=True, **tight) for k in range(20)])


def newcomers() -> list[np.ndarray]:
    """Return who is there first, and three who each hide 30 % of what is still seen of it."""
    covers = [np.ones((1, 1000), np.float32)]
    visible = covers[0].copy()
    for _ in range(3):
        newcomer = np.zeros((1, 1000), np.float32)
        seen = np.flatnonzero(visible)
        newcomer[0, seen[: int(0.3 * seen.size)]] = 1
        visible = visible * (1 - newcomer)
        covers.append(newcomer)
    return covers


def two_thirds_are_hidden(figure: float) -> None:
    assert figure > 0.6


def test_the_pairwise_rule_lets_three_newcomers_hide_far_more_than_its_limit() -> None:
    covers = newcomers()
    two_thirds_are_hidden(float(hidden_shares(covers).max()))
    published = pairwise_hidden(covers)
    assert published <= 0.3 + 1e-3  # which it lets pass
    with pytest.raises(AssertionError):
        two_thirds_are_hidden(published)


def nobody_is_hidden_beyond_the_limit(plans: Sequence[HimImagePlan]) -> None:
    assert max(plan.hidden for plan in plans) <= 0.3


def test_the_published_preset_measures_pairs_and_ours_measures_people(people: Subjects) -> None:
    nobody_is_hidden_beyond_the_limit([plan_of(people.pool, index=k) for k in range(40)])
    published = [plan_of(people.pool, index=k, preset="published") for k in range(300)]
    with pytest.raises(AssertionError):
        nobody_is_hidden_beyond_the_limit(published)


def nobody_is_enlarged(plans: Sequence[HimImagePlan]) -> None:
    every = [one for plan in plans for one in plan.instances]
    assert max(one.height / (one.box[3] - one.box[1]) for one in every) <= 1


def test_heights_use_their_whole_range_and_nobody_is_enlarged_unless_asked(
    people: Subjects,
) -> None:
    plans = [plan_of(people.pool, index=k, counts="2:1", hidden_max=0.9) for k in range(60)]
    height = plans[0].height
    shares = [one.height / height for plan in plans for one in plan.instances]
    assert 0.48 < min(shares) < 0.56
    nobody_is_enlarged(plans)
    published = [plan_of(people.pool, index=k, preset="published") for k in range(60)]
    assert max(one.height / height for plan in published for one in plan.instances) > 0.85
    with pytest.raises(AssertionError):
        nobody_is_enlarged(published)


def feet_are_at_the_bottom(plan: HimImagePlan) -> None:
    assert {one.top + one.height for one in plan.instances} == {plan.height}


def test_people_on_the_ground_stand_at_the_bottom_where_published_ones_float(
    people: Subjects,
) -> None:
    asked = {"ground": True, "counts": "3:1", "hidden_max": 0.8}
    for index in range(4):
        feet_are_at_the_bottom(plan_of(people.pool, index=index, **asked))
        with pytest.raises(AssertionError):
            feet_are_at_the_bottom(plan_of(people.pool, index=index, preset="published", **asked))


class PublishedDraw:
    """Draws places as the tool does: its upper end is exclusive, so that the last one is never
    used, and where a person just fits there is none."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.RandomState(seed)
        self._draws = 0

    def uniform(self, low: float, high: float) -> float:
        return low

    def integers(self, high: int) -> int:
        self._draws += 1
        is_across = self._draws == 2  # the first is the frame, the third the height
        return int(self._rng.randint(0, high - 1)) if is_across else 0


def lefts(people: Subjects, room: int, draws: Sequence[object]) -> set[int]:
    """Return where a person stands in pictures that are ``room`` px wider than it."""
    track = SubjectTrack(people.foregrounds[0])
    facts = track.subject.facts
    assert facts is not None
    canvas = FrameSize(facts.box.right - facts.box.left + room, facts.box.bottom - facts.box.top)
    rule = PlaceRule(
        scale_min=1.0,
        scale_max=1.0,
        hidden_max=0.3,
        pairwise=False,
        tries=1,
        drop=False,
        ground=False,
        enlarge=False,
    )
    placed = [place_people([track], canvas, rule, draw) for draw in draws]  # type: ignore[arg-type]
    return {place.left for places in placed if places for place in places}


def test_the_published_draw_never_uses_the_last_place_and_fails_where_a_person_just_fits(
    people: Subjects,
) -> None:
    def ours() -> list[object]:
        return [np.random.default_rng(seed) for seed in range(60)]

    def published() -> list[object]:
        return [PublishedDraw(seed) for seed in range(60)]

    assert lefts(people, 3, ours()) == {0, 1, 2, 3}
    assert lefts(people, 3, published()) == {0, 1, 2}
    assert lefts(people, 0, ours()) == {0}
    with pytest.raises(ValueError, match=r"low >= high|high <= 0"):
        lefts(people, 0, published())


def nothing_is_lost(stored: np.ndarray, exact: np.ndarray) -> None:
    assert abs(float((stored - exact).mean())) < 0.02


def test_truncated_alphas_lose_half_a_level_and_ours_do_not() -> None:
    """Of one person behind another; the published tool truncates 255 A."""
    rng = np.random.default_rng(0)
    low, top = rng.integers(1, 255, (2, 100, 200), np.uint8)
    whole = Box(0, 0, 200, 100)
    pieces = [Piece(whole, np.dstack([alpha] * 4)) for alpha in (low, top)]
    composed = compose(np.zeros((100, 200, 3), np.uint8), pieces)
    exact = low.astype(float) * (255 - top.astype(float)) / 255
    nothing_is_lost(composed.alphas[0], exact)
    with pytest.raises(AssertionError):
        nothing_is_lost(np.trunc(exact), exact)


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

    def is_its_own(rim: np.ndarray) -> None:
        assert np.abs(rim.astype(int) - own).mean() < 14

    is_its_own(layers["fgr_01"][edge])
    left, top, right, bottom = one.box
    crop = cv2.resize(filmed[top:bottom, left:right], (one.width, one.height))
    part = (slice(one.top, one.top + one.height), slice(one.left, one.left + one.width))
    with pytest.raises(AssertionError):
        is_its_own(crop[edge[part]])  # as the published tool pastes it


def has_colour(picture: RgbFrame, inside: np.ndarray) -> None:
    assert np.ptp(picture[inside].astype(int), axis=1).max() > 30


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
    has_colour(layers["rgb_full"], inside)
    canvas = Image.open(path)  # the published tool pastes onto the picture in its own mode
    canvas.paste(Image.fromarray(layers["fgr"]), (0, 0), Image.fromarray(layers["alpha_01"]))
    with pytest.raises(AssertionError):
        has_colour(np.array(canvas.convert("RGB")), inside)


class Listed(Pool):
    """As it was: everything stands in the order in which a folder lists it."""

    def __post_init__(self) -> None: ...

    def as_foregrounds(self) -> tuple[PoolForeground, ...]:
        return self.foregrounds

    def as_backgrounds(self) -> tuple[PoolBackground, ...]:
        return self.backgrounds


def order_changes_nothing(kind: type[Pool], people: Subjects) -> None:
    there = kind((), tuple(people.foregrounds), tuple(people.backgrounds))
    back = kind((), tuple(reversed(people.foregrounds)), tuple(reversed(people.backgrounds)))
    for index in range(3):
        assert plan_of(there, index=index) == plan_of(back, index=index)


def test_the_order_of_files_changes_no_sample(people: Subjects) -> None:
    order_changes_nothing(Pool, people)
    with pytest.raises(AssertionError):
        order_changes_nothing(Listed, people)


def the_second_batch_is_another(pool: Pool) -> None:
    params = HimImageParams(counts="2:1")
    first, second = (
        [plan_sample(RECIPE, params, pool, root_seed=seed, index=k).plan for k in range(3)]
        for seed in (1, 2)
    )
    assert first != second


def test_a_second_batch_has_other_samples_where_numbers_as_seeds_repeat_the_first(
    people: Subjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_second_batch_is_another(people.pool)
    number = {f"{RECIPE.info.slug}/{k}": k for k in range(3)}
    monkeypatch.setattr(planner, "sample_seed", lambda root_seed, key: number[key])
    with pytest.raises(AssertionError):
        the_second_batch_is_another(people.pool)
