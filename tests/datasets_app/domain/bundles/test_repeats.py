"""The solver against brute force, and the figures that it shows."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets_app.domain.bundles.repeat_search import Problem, score
from datasets_app.domain.bundles.repeats import complete_targets, solve_repeats
from matteweb.errors import BadInput

CASPER = {"omnimatte+tripod": 46, "kubric": 569, "object-paste": 1024}
PAPER = {"omnimatte+tripod": 50, "kubric": 48, "object-paste": 2}


def brute_force(
    weights: list[int],
    targets: list[Fraction],
    ranges: list[tuple[int, int]],
    max_rows: int | None,
    step: Fraction,
) -> tuple[Any, ...]:
    problem = Problem(tuple(weights), tuple(targets), tuple(ranges), max_rows, step)
    allowed = (
        r
        for r in product(*(range(low, high + 1) for low, high in ranges))
        if max_rows is None or problem.rows(r) <= max_rows
    )
    return min(score(problem, r) for r in allowed)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_choice_within_the_limits_is_better_than_the_answer(data: st.DataObject) -> None:
    k = data.draw(st.integers(1, 3))
    weights = data.draw(st.lists(st.integers(1, 40), min_size=k, max_size=k))
    shares = data.draw(st.lists(st.integers(1, 60), min_size=k, max_size=k))
    locked = data.draw(st.dictionaries(st.integers(0, k - 1), st.integers(1, 12), max_size=k))
    step = data.draw(st.sampled_from([Fraction(0), Fraction(1, 1000), Fraction(1, 50)]))
    slack = data.draw(st.none() | st.integers(0, 300))
    names = [f"c{i}" for i in range(k)]
    ranges = [(locked[i], locked[i]) if i in locked else (1, 12) for i in range(k)]
    least = sum(w * low for w, (low, _) in zip(weights, ranges, strict=True))
    max_rows = None if slack is None else least + slack
    whole = sum(shares)
    plan = solve_repeats(
        dict(zip(names, weights, strict=True)),
        dict(zip(names, shares, strict=True)),
        fixed={names[i]: r for i, r in locked.items()},
        max_repeats=12,
        max_rows=max_rows,
        step=step,
    )
    best = brute_force(weights, [Fraction(s, whole) for s in shares], ranges, max_rows, step)
    assert plan.exact
    assert tuple(plan.repeats().values()) == best[3]
    assert plan.worst() == best[2]


def test_the_paper_mix_is_reached_at_the_scale_of_the_paper() -> None:
    plan = solve_repeats(CASPER, PAPER)
    assert plan.exact
    assert plan.worst() <= Fraction(1, 1000)
    assert sum(line.share for line in plan.categories) == 1
    assert plan.total == sum(line.rows for line in plan.categories)


def test_a_locked_category_keeps_its_repeats() -> None:
    plan = solve_repeats(CASPER, PAPER, fixed={"object-paste": 1})
    assert plan.repeats()["object-paste"] == 1
    assert plan.worst() < Fraction(1, 500)


def test_shares_count_relative_to_each_other_when_all_are_given() -> None:
    assert complete_targets({"a": 3, "b": 9}, {"a": 1, "b": 3}) == {
        "a": Fraction(1, 4),
        "b": Fraction(3, 4),
    }


def test_categories_without_a_share_divide_the_rest_by_weight() -> None:
    found = complete_targets({"a": 5, "b": 1, "c": 3}, {"a": 60})
    assert found == {"a": Fraction(6, 10), "b": Fraction(1, 10), "c": Fraction(3, 10)}


def test_the_formula_shows_every_figure() -> None:
    text = solve_repeats({"a": 3, "b": 9}, {"a": 1, "b": 1}).formula()
    assert text == (
        "N = 3 * 3 + 9 * 1 = 18\n"
        "a: 3 * 3 / 18 = 50.00 % (target 50.00 %)\n"
        "b: 9 * 1 / 18 = 50.00 % (target 50.00 %)"
    )


@pytest.mark.parametrize(
    ("weights", "shares", "options", "says"),
    [
        ({}, {}, {}, "no category"),
        ({"a": 0}, {"a": 1}, {}, "a has no samples"),
        ({"a": 1}, {"b": 1}, {}, "no sample is in category b"),
        ({"a": 1, "b": 1}, {"a": 100}, {}, "leave nothing for b"),
        ({"a": 1}, {"a": 0}, {}, "share of a is 0"),
        ({"a": 1}, {"a": 1}, {"fixed": {"a": 0}}, "repeats of a is 0"),
        ({"a": 9}, {"a": 1}, {"max_rows": 8}, "at least 9 rows"),
    ],
)
def test_an_impossible_wish_is_refused_in_words(
    weights: dict[str, int], shares: dict[str, int], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        solve_repeats(weights, shares, **options)


def test_eight_categories_are_answered_at_once() -> None:
    weights = {f"c{i}": 7 * i + 3 for i in range(8)}
    plan = solve_repeats(weights, {name: i + 1 for i, name in enumerate(weights)})
    assert plan.worst() < Fraction(1, 200)
