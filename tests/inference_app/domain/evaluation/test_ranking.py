"""The area under the curve by ranks, against counting pairs; the threshold at a rate."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_app.domain.evaluation.ranking import auroc, threshold_at
from matteweb.errors import BadInput

ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=30)


@given(ROWS)
def test_the_area_is_the_share_of_pairs_in_order_ties_a_half(rows: list[tuple[int, bool]]) -> None:
    scores, wrong = [float(score) for score, _ in rows], [defect for _, defect in rows]
    bad = [score for score, defect in rows if defect]
    good = [score for score, defect in rows if not defect]
    if not bad or not good:
        assert auroc(scores, wrong) is None
        return
    pairs = [1.0 if b > g else 0.5 if b == g else 0.0 for b, g in product(bad, good)]
    found = auroc(scores, wrong)
    assert found is not None and abs(found - np.mean(pairs)) < 1e-12


def test_the_threshold_finds_at_least_the_rate_and_is_the_highest_that_does() -> None:
    scores = [0.1, 0.4, 0.35, 0.8, 0.9, 0.5]
    wrong = [False, False, True, True, True, True]
    line = threshold_at(scores, wrong, 0.75)
    assert line is not None
    assert (line.value, line.true_positive_rate, line.false_positive_rate) == (0.5, 0.75, 0.0)
    everything = threshold_at(scores, wrong, 1.0)
    assert everything is not None
    assert (everything.value, everything.false_positive_rate) == (0.35, 0.5)
    assert threshold_at([0.1, 0.2], [False, False], 0.85) is None
    with pytest.raises(BadInput, match="no rate"):
        threshold_at(scores, wrong, 0)
