"""What verdicts add up to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.review.consensus import Standing, Vote, standing_of

votes = st.lists(
    st.builds(Vote, st.integers(1, 4), st.booleans(), st.just(False)), min_size=1, max_size=12
)


def test_without_a_verdict_a_sample_is_pending() -> None:
    assert standing_of([], needed=1) == Standing.PENDING


@given(votes)
def test_where_one_verdict_is_enough_the_newest_is_in_force(given_votes: list[Vote]) -> None:
    expected = Standing.ACCEPTED if given_votes[-1].accepts else Standing.REJECTED
    assert standing_of(given_votes, needed=1) == expected


@given(votes, st.integers(2, 4))
def test_a_reviewer_counts_once_with_the_newest_verdict(given_votes: list[Vote], k: int) -> None:
    newest = {vote.reviewer: vote for vote in given_votes}
    once = [vote for vote in given_votes if newest[vote.reviewer] is vote]
    assert standing_of(given_votes, needed=k) == standing_of(once, needed=k)


@given(votes, st.integers(2, 4))
def test_nothing_is_decided_below_the_number_needed(given_votes: list[Vote], k: int) -> None:
    reviewers = {vote.reviewer for vote in given_votes}
    found = standing_of(given_votes, needed=k)
    assert (found == Standing.PENDING) == (len(reviewers) < k)


def test_different_minds_are_disputed_until_a_ruling() -> None:
    split = [Vote(1, accepts=True), Vote(2, accepts=False)]
    assert standing_of(split, needed=2) == Standing.DISPUTED
    ruled = [*split, Vote(3, accepts=False, ruling=True)]
    assert standing_of(ruled, needed=2) == Standing.REJECTED
    assert standing_of([*ruled, Vote(1, accepts=True)], needed=2) == Standing.REJECTED


def test_one_mind_decides_when_enough_have_judged() -> None:
    assert standing_of([Vote(1, accepts=True)], needed=2) == Standing.PENDING
    both = [Vote(1, accepts=True), Vote(2, accepts=True)]
    assert standing_of(both, needed=2) == Standing.ACCEPTED
