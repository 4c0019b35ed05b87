"""The metrics find what is planted, at the right frames, and leave clean samples alone.

Small: one painted and one real sample, each with every fault. Full: seeds that no threshold was
fixed on, painted and real; `benchmarks/planted_faults.py` prints them as a table.
"""

from __future__ import annotations

from tests.clips import needs_clips
from tests.fault_samples import painted_sample, real_sample
from tests.fault_scores import KINDS, SampleTrials, try_sample
from tests.scale import scale

PAINTED = scale((8,), tuple(range(11, 61)))
REAL = scale((18,), tuple(range(11, 61)))
FOUND, ALARMED = 0.95, 0.05


def hold(tried: list[SampleTrials]) -> None:
    """Hold the shares; the message lists every miss and every alarm."""
    trials = [trial for one in tried for trial in one.trials]
    missed = [
        f"{one.seed} {trial.kind}" for one in tried for trial in one.trials if not trial.found
    ]
    alarmed = [f"{one.seed} {one.alarms}" for one in tried if one.alarms]
    assert len(missed) <= (1 - FOUND) * len(trials), missed
    assert len(alarmed) <= ALARMED * len(tried), alarmed


def test_faults_in_painted_samples_are_found_where_they_are() -> None:
    tried = [try_sample(painted_sample, seed) for seed in PAINTED]
    hold(tried)
    assert {trial.kind for one in tried for trial in one.trials} == set(KINDS)


@needs_clips
def test_faults_in_pairs_of_real_clips_are_found_where_they_are() -> None:
    hold([try_sample(real_sample, seed) for seed in REAL])
