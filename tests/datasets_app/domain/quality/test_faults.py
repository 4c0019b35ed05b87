"""Planted faults: same draw, same fault; only where and in what it says."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.quality.faults import FAULT_KINDS, FaultKind, draw_fault, planted
from tests.fault_samples import painted_sample


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_changes_its_layers_in_its_frames_and_nothing_else(kind: FaultKind) -> None:
    sample = painted_sample(2, frames=24)
    fault = draw_fault(kind, tuple(sample[0]), len(sample), np.random.default_rng(5))
    assert fault == draw_fault(kind, tuple(sample[0]), len(sample), np.random.default_rng(5))
    changed = list(planted(iter(sample), fault))
    assert len(changed) == len(sample)
    touched = set()
    for number, (old, new) in enumerate(zip(sample, changed, strict=True)):
        differing = {name for name in old if not np.array_equal(old[name], new[name])}
        assert differing <= set(fault.layers)
        if differing:
            touched.add(number)
    assert touched
    assert touched <= set(fault.frames)


def test_a_frozen_stretch_repeats_the_frame_before_it() -> None:
    sample = painted_sample(3, frames=24)
    for seed in range(9):
        fault = draw_fault("frozen", tuple(sample[0]), 24, np.random.default_rng(seed))
        changed = list(planted(iter(sample), fault))
        for number in fault.frames:
            for name in fault.layers:
                assert np.array_equal(changed[number][name], sample[fault.frames[0] - 1][name])
