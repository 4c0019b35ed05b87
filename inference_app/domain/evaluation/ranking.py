"""How well scores tell two kinds apart: the area under the curve, and where to draw the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class Threshold:
    """Scores from ``value`` up count as defects; rates of defects and good ones found so."""

    value: float
    true_positive_rate: float
    false_positive_rate: float


def auroc(scores: Sequence[float], defects: Sequence[bool]) -> float | None:
    """Return the share of pairs in which the defect scores higher, a tie counting a half.

    None, undefined, when there is one kind alone. By ranks (Mann, Whitney 1947).
    """
    values, wrong = np.asarray(scores, float), np.asarray(defects, bool)
    ones, zeros = int(wrong.sum()), int((~wrong).sum())
    if not ones or not zeros:
        return None
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    ranks = (upto - (counts - 1) / 2)[place]
    return float((ranks[wrong].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def threshold_at(scores: Sequence[float], defects: Sequence[bool], rate: float) -> Threshold | None:
    """Return the highest threshold that finds at least ``rate`` of the defects.

    None without a defect. Raises BadInput for a rate that is none.
    """
    if not 0 < rate <= 1:
        raise BadInput(f"{rate} is no rate of true positives", hint="above 0, up to 1")
    values, wrong = np.asarray(scores, float), np.asarray(defects, bool)
    if not wrong.any():
        return None
    descending = np.sort(values[wrong])[::-1]
    needed = max(1, int(np.ceil(rate * len(descending) - 1e-9)))
    value = float(descending[needed - 1])
    good = values[~wrong]
    return Threshold(
        value,
        float((values[wrong] >= value).mean()),
        float((good >= value).mean()) if good.size else 0.0,
    )
