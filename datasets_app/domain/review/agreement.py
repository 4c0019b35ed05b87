"""How far reviewers agree: per cent and kappa, which takes off what chance alone would give.

Sources: Cohen, "A coefficient of agreement for nominal scales" (1960), for two reviewers; Fleiss,
"Measuring nominal scale agreement among many raters" (1971), for any number. Fleiss has the same
number of raters for every subject; here a sample's share of agreeing pairs is taken over those who
judged it, so that samples with two and with three verdicts count alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Judged = Mapping[int, bool]
"""Reviewer -> accepts, of one sample."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """``samples`` judged by at least two; ``percent`` 0..100 of pairs that agree; ``kappa`` -1..1,
    1 is perfect, 0 what chance gives, None where chance alone would agree always."""

    samples: int
    percent: float | None
    kappa: float | None


def fleiss(judged: Iterable[Judged]) -> Agreement:
    """Return the agreement of all reviewers over the samples that two or more of them judged."""
    shares: list[Fraction] = []
    accepts = verdicts = 0
    for sample in judged:
        number = len(sample)
        if number < 2:
            continue
        yes = sum(sample.values())
        no = number - yes
        shares.append(Fraction(yes * (yes - 1) + no * (no - 1), number * (number - 1)))
        accepts, verdicts = accepts + yes, verdicts + number
    if not shares:
        return Agreement(0, None, None)
    observed = sum(shares, Fraction(0)) / len(shares)
    share = Fraction(accepts, verdicts)
    return _agreement(len(shares), observed, share**2 + (1 - share) ** 2)


def cohen(first: int, second: int, judged: Iterable[Judged]) -> Agreement:
    """Return the agreement of two reviewers over the samples that both of them judged."""
    pairs = [(sample[first], sample[second]) for sample in judged if {first, second} <= set(sample)]
    if not pairs:
        return Agreement(0, None, None)
    number = len(pairs)
    observed = Fraction(sum(one == other for one, other in pairs), number)
    yes = [Fraction(sum(pair[place] for pair in pairs), number) for place in (0, 1)]
    return _agreement(number, observed, yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1]))


def _agreement(samples: int, observed: Fraction, chance: Fraction) -> Agreement:
    kappa = float((observed - chance) / (1 - chance)) if chance != 1 else None
    return Agreement(samples, float(observed * 100), kappa)
