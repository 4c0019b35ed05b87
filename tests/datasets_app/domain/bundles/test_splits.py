"""Splits are drawn over scenes, so that nothing seen in training is seen again in validation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.bundles.splits import (
    SplitItem,
    components,
    draw_splits,
    keep_splits,
    leaks,
    split_name,
)
from matteweb.errors import BadInput

groups = st.frozensets(st.sampled_from("abcdefgh"), max_size=3)
item_lists = st.lists(groups, min_size=1, max_size=25).map(
    lambda found: [SplitItem(f"s{n}", inner) for n, inner in enumerate(found)]
)
share_tables = st.dictionaries(
    st.sampled_from(["train", "validation", "test"]), st.integers(1, 100), min_size=1
)


@given(items=item_lists, shares=share_tables, seed=st.integers(0, 99), data=st.data())
def test_no_source_group_is_ever_in_two_splits(
    items: list[SplitItem], shares: dict[str, int], seed: int, data: st.DataObject
) -> None:
    plan = draw_splits(items, shares, seed=seed)
    assert leaks(items, plan.split_of) == []
    assert set(plan.split_of) == {item.key for item in items}
    shuffled = data.draw(st.permutations(items))
    assert draw_splits(shuffled, dict(reversed(shares.items())), seed=seed) == plan


@given(items=item_lists, shares=share_tables, seed=st.integers(0, 99))
def test_every_split_gets_something_when_there_are_scenes_enough(
    items: list[SplitItem], shares: dict[str, int], seed: int
) -> None:
    plan = draw_splits(items, shares, seed=seed)
    assert plan.components == len(components(items))
    if plan.components >= len(shares):
        assert set(plan.split_of.values()) == set(shares)
        assert not plan.findings
    else:
        assert len(plan.findings) == len(shares) - plan.components


def test_samples_are_joined_through_samples_that_share_a_source() -> None:
    items = [
        SplitItem("1", frozenset("ab")),
        SplitItem("2", frozenset("bc")),
        SplitItem("3", frozenset("c")),
        SplitItem("4", frozenset("d")),
        SplitItem("5", frozenset()),
    ]
    assert components(items) == [("1", "2", "3"), ("4",), ("5",)]


def test_shares_are_met_when_scenes_are_small() -> None:
    items = [SplitItem(f"s{n}", frozenset({f"g{n // 2}"})) for n in range(200)]
    found = list(draw_splits(items, {"train": 80, "validation": 20}, seed=1).split_of.values())
    assert found.count("validation") == 40


def test_another_seed_draws_other_scenes() -> None:
    items = [SplitItem(f"s{n}", frozenset()) for n in range(40)]
    shares = {"train": 3, "validation": 1}
    assert (
        draw_splits(items, shares, seed=1).split_of != draw_splits(items, shares, seed=2).split_of
    )


def test_samples_stay_in_the_split_that_they_came_with() -> None:
    items = [SplitItem("1", frozenset("a")), SplitItem("2", frozenset("b"))]
    items += [SplitItem("3", frozenset("c"))]
    plan = keep_splits(items, {"1": "test", "2": "comp_easy"}, {}, seed=0)
    assert plan.split_of == {"1": "test", "2": "comp_easy", "3": "train"}
    assert plan.findings == ()


def test_what_shares_a_source_with_a_kept_sample_is_drawn_with_it() -> None:
    items = [SplitItem(str(n), frozenset({f"g{n // 2}"})) for n in range(20)]
    plan = keep_splits(items, {"0": "test", "2": "train"}, {"train": 3, "test": 1}, seed=3)
    assert (plan.split_of["1"], plan.split_of["3"]) == ("test", "train")
    assert leaks(items, plan.split_of) == []
    assert 4 <= list(plan.split_of.values()).count("test") <= 6


def test_a_split_that_is_empty_since_samples_stay_says_so() -> None:
    items = [SplitItem(str(number), frozenset(str(number))) for number in range(6)]
    own = {item.key: "train" for item in items}
    (said,) = keep_splits(items, own, {"train": 80, "val": 20}, seed=0).findings
    assert (said.code, said.where) == ("split_empty", "val")
    assert "samples without a split form only 0 separate groups" in said.message
    some = keep_splits(items, {"0": "train"}, {"train": 80, "val": 20}, seed=0)
    assert (some.findings, "val" in some.split_of.values()) == ((), True)


def test_a_source_in_two_kept_splits_is_a_warning() -> None:
    items = [SplitItem(str(n), frozenset({f"g{n // 2}"})) for n in range(4)]
    own = {"0": "train", "1": "test", "2": "train", "3": "test"}
    (said,) = keep_splits(items, own, {}, seed=0).findings
    assert (said.code, said.severity) == ("split_leak", "warning")
    assert "2 sources are in several splits" in said.message


def test_a_split_of_a_tree_gets_a_name_that_files_take() -> None:
    names = ("", "I-HIM50K", "comp_medium", "../x", "ü b")
    assert [split_name(one) for one in names] == ["", "I-HIM50K", "comp_medium", "x", "u-b"]


def test_a_planted_leak_is_named() -> None:
    items = [SplitItem("1", frozenset("a")), SplitItem("2", frozenset("a"))]
    (finding,) = leaks(items, {"1": "train", "2": "test"})
    assert finding.message == "source group 'a' is in test and train"


@pytest.mark.parametrize("shares", [{}, {"train": 0}, {"Train": 1}, {"a/b": 1}])
def test_a_share_that_means_nothing_is_refused(shares: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        draw_splits([SplitItem("1", frozenset())], shares, seed=1)
