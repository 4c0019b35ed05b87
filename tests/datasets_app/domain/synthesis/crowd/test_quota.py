"""Shares over a run: exact from its first sample on, in an order that the seed decides."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from datasets_app.domain.synthesis.crowd.distribution import Bands, Counts
from datasets_app.domain.synthesis.crowd.quota import part_of

WEIGHTS = ["1", "1 1", "3 1", "1 1 1", "0 2 5", "0.5 0.25 7", "1 2 3 4 5 6", "0.3337 0.11113 1"]


def parsed(text: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(part) for part in text.split())


@pytest.mark.parametrize("text", WEIGHTS)
def test_every_beginning_of_a_run_has_each_share_rounded_up_or_down(text: str) -> None:
    weights = parsed(text)
    given: Counter[int] = Counter()
    for index in range(120):
        given[part_of(weights, index, 7, "people")] += 1
        for number, weight in enumerate(weights):
            asked = (index + 1) * weight / sum(weights)
            assert abs(given[number] - asked) < 1


def test_chances_come_only_near_to_what_was_asked() -> None:
    """Each sample drawn for itself, as it was."""
    drawn = np.random.default_rng(0).random(40) < 0.5
    assert drawn.sum() != 20
    numbers = Counts.parse("2:1 5:1", least=1, most=10)
    counted = Counter(numbers.of_sample(index, 0, "people") for index in range(40))
    assert counted == {2: 20, 5: 20}


def test_the_order_is_that_of_the_seed_and_of_what_is_shared_out() -> None:
    def order(seed: int, key: str) -> tuple[int, ...]:
        return tuple(part_of(parsed("1 1 1"), index, seed, key) for index in range(30))

    assert order(1, "people") == order(1, "people")
    assert len({order(1, "people"), order(2, "people"), order(1, "overlap")}) == 3


def test_numbers_and_overlaps_are_not_tied_to_each_other() -> None:
    numbers, bands = Counts.parse("2 5", least=1, most=10), Bands.parse("0-0.1 0.1-0.3")
    pairs = Counter(
        (numbers.of_sample(index, 3, "people"), bands.of_sample(index, 3, "overlap"))
        for index in range(200)
    )
    assert len(pairs) == 4
    assert min(pairs.values()) > 25
    assert Bands.parse("").of_sample(0, 3, "overlap") is None
