"""Agreement against the published worked examples and against counting by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.review.agreement import cohen, fleiss

judged = st.lists(st.dictionaries(st.integers(1, 4), st.booleans(), max_size=4), max_size=12)


def test_cohen_agrees_with_the_usual_example_of_fifty_proposals() -> None:
    # 20 both yes, 15 both no, 5 yes/no, 10 no/yes: observed 0.7, chance 0.5, kappa 0.4.
    table = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10
    table += [(False, False)] * 15
    found = cohen(1, 2, [{1: first, 2: second} for first, second in table])
    assert found.samples == 50
    assert found.percent == pytest.approx(70)
    assert found.kappa == pytest.approx(0.4)


def test_fleiss_agrees_with_a_table_computed_by_hand() -> None:
    # Three raters, four subjects with 3, 2, 1, 0 accepts: P = (1 + 1/3 + 1/3 + 1) / 4 = 2/3,
    # half of all verdicts accept, so chance is 1/2 and kappa 1/3.
    rows = [{rater: rater < accepts for rater in range(3)} for accepts in (3, 2, 1, 0)]
    found = fleiss(rows)
    assert found.samples == 4
    assert found.percent == pytest.approx(100 * 2 / 3)
    assert found.kappa == pytest.approx(1 / 3)


@given(judged)
def test_the_percentage_is_that_of_agreeing_pairs(rows: list[dict[int, bool]]) -> None:
    shares = [
        sum(one == other for one, other in combinations(row.values(), 2))
        / (len(row) * (len(row) - 1) / 2)
        for row in rows
        if len(row) > 1
    ]
    found = fleiss(rows)
    assert found.samples == len(shares)
    if shares:
        assert found.percent == pytest.approx(100 * sum(shares) / len(shares))


@given(judged)
def test_kappa_is_one_exactly_when_all_agree_and_chance_would_not(
    rows: list[dict[int, bool]],
) -> None:
    found = fleiss(rows)
    several = [row for row in rows if len(row) > 1]
    one_mind = all(len(set(row.values())) == 1 for row in several)
    both_said = len({said for row in several for said in row.values()}) == 2
    assert (found.kappa == 1) == (one_mind and both_said)


def test_one_reviewer_alone_has_no_agreement() -> None:
    assert fleiss([{1: True}, {2: False}]).percent is None
    assert cohen(1, 2, [{1: True}]).kappa is None
