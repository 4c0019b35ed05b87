"""The weight of single samples, and the formula of the Casper merge that it belongs to."""

from __future__ import annotations

import pytest

from datasets_app.domain.bundles.categories import DEFAULT_REPEATS
from datasets_app.domain.bundles.repeats import tabulate
from datasets_app.domain.bundles.weights import MOST_WEIGHT, WATER, named_weight, require_weight
from matteweb.errors import BadInput

SHOTS = [*(f"shot-{number}" for number in range(36)), *sorted(WATER)]
"""As many as the published Omnimatte and Tripod data has."""


def test_shots_of_water_count_twice_and_others_once() -> None:
    assert len(WATER) == 10
    assert {named_weight(name) for name in WATER} == {2}
    assert (named_weight(" Flamingo "), named_weight("flamingo-2")) == (2, 1)


def test_the_default_repeats_do_not_give_the_mix_of_the_paper() -> None:
    """46 samples that weigh 56: what the formula of the published tools leaves out."""
    weight = sum(map(named_weight, SHOTS))
    weights = {"omnimatte+tripod": weight, "kubric": 569, "object-paste": 1024}
    plan = tabulate(weights, DEFAULT_REPEATS)
    assert plan.formula().splitlines()[0] == "N = 56 * 256 + 569 * 40 + 1024 * 1 = 38120"
    shares = [round(float(line.share * 100), 1) for line in plan.categories]
    assert shares == [37.6, 59.7, 2.7]


@pytest.mark.parametrize("weight", [0, -1, MOST_WEIGHT + 1])
def test_a_weight_that_is_none_is_refused(weight: int) -> None:
    with pytest.raises(BadInput, match=f"cannot weigh {weight}"):
        require_weight(weight)
