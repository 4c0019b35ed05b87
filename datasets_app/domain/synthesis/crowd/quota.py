"""Shares that a run keeps exactly: sample ``index`` gets its part of them, whatever the others do.

Chances only come near to what was asked. Here every first N samples have each part N times its
share, rounded up or down: the chairman assignment (Tijdeman, 1980), block after block, with its
ties broken by the seed.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import lcm

from datasets_app.domain.synthesis.seeds import generator, sample_seed

LONGEST_BLOCK = 2520


def part_of(weights: tuple[Fraction, ...], index: int, root_seed: int, key: str) -> int:
    """Return which of ``weights`` falls to sample ``index`` (from 0) of the run ``root_seed``.

    ``key`` tells apart what is shared out in the same run. Weights are not negative, one is above
    0. Where they need blocks of more than 2520 samples, shares are rounded to 1/2520 of a block.
    """
    parts = _in_block(weights)
    block, place = divmod(index, sum(parts))
    return _ordered(parts, sample_seed(root_seed, f"{key}/{block}"))[place]


def _in_block(weights: tuple[Fraction, ...]) -> tuple[int, ...]:
    """Return how often each comes in the shortest block that has the shares exactly."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    length = lcm(*(share.denominator for share in shares))
    if length <= LONGEST_BLOCK:
        return tuple(int(share * length) for share in shares)
    exact = [share * LONGEST_BLOCK for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda one: parts[one] - exact[one])
    for one in by_remainder[: LONGEST_BLOCK - sum(parts)]:
        parts[one] += 1
    return tuple(parts)


@lru_cache(maxsize=16)
def _ordered(parts: tuple[int, ...], seed: int) -> tuple[int, ...]:
    """Return a block in which every beginning has each part's share, rounded up or down.

    Of the parts that are behind by at least 1 / (2 k - 2), k parts in all, the one comes whose
    time is up first; among equals the seed decides.
    """
    rng = generator(seed)
    length, given = sum(parts), [0] * len(parts)
    asked = [one for one, part in enumerate(parts) if part]
    slack = Fraction(1, 2 * len(asked) - 2) if len(asked) > 1 else Fraction(0)
    order = []
    for place in range(1, length + 1):
        times = {
            one: (given[one] + 1 - slack) / parts[one]
            for one in asked
            if Fraction(place * parts[one], length) - given[one] >= slack
        }
        first = min(times.values())
        equal = [one for one in asked if times.get(one) == first]
        taken = equal[int(rng.integers(len(equal)))]
        given[taken] += 1
        order.append(taken)
    return tuple(order)
