"""Which frames stand out: floor, ceiling, spread, and runs of frames."""

from __future__ import annotations

import pytest

from datasets_app.domain.metrics.base import Symptom
from datasets_app.domain.quality.outbursts import Rule, outbursts, strength

SYMPTOM = Symptom("it flickers", ("alpha",), "Mend it.")


def test_the_level_follows_the_clip_between_floor_and_ceiling() -> None:
    rule = Rule(floor=4, ceiling=30, times=6)
    assert rule.level([0.1] * 20) == 4
    assert rule.level([5.0, 6.0, 7.0] * 7) == pytest.approx(6 + 6 * 1.4826)
    assert rule.level([10.0, 20.0, 30.0] * 7) == 30
    assert rule.level([None, None]) == 4


def test_a_clip_that_goes_in_jerks_has_a_level_that_its_jerks_do_not_reach() -> None:
    calm = [1 + 0.1 * (n % 5) for n in range(48)]
    jerks = [one * (8 if n % 6 == 0 else 1) for n, one in enumerate(calm)]
    rule = Rule(floor=4, times=6)
    assert rule.level(calm) == 4
    assert rule.level(jerks) > 1.5 * max(jerks)
    # Of what lasts, the frames that have it say nothing about chance.
    assert Rule(floor=4, times=6, lasts=True).level(jerks) == 4
    # One frame in a calm clip moves nothing.
    assert rule.level([*calm[:20], 90.0, *calm[20:]]) == 4


def test_frames_that_lie_together_make_one_note_over_a_gap_of_one() -> None:
    track = [0, 9, 0, 9, 0, 0, 9, None, 9.0]
    found = [(note.first, note.last) for note in outbursts(track, 4, SYMPTOM)]
    assert found == [(1, 3), (6, 8)]


def test_strength_is_a_half_at_the_level_and_rises_to_one() -> None:
    assert strength(4, 4) == 0.5
    assert strength(12, 4) == 0.75
    assert strength(1e9, 4) == pytest.approx(1)


def test_a_run_goes_on_down_to_its_end_level_beside_a_frame_that_reaches_the_level() -> None:
    track = [0.0, 2.0, 5.0, 2.0, 0.0, 0.0, 0.0, 2.0, 2.0]
    notes = outbursts(track, 4, SYMPTOM, ends=1)
    assert [(note.first, note.last) for note in notes] == [(1, 3)]


def test_a_run_that_is_shorter_than_it_should_last_needs_twice_the_level() -> None:
    track = [0.0, 6.0, 6.0, 0.0, 0.0, 9.0, 2.0, 0.0, 0.0, 5.0, 2.0, 2.0]
    notes = outbursts(track, 4, SYMPTOM, ends=1, lasts=3)
    assert [(note.first, note.last) for note in notes] == [(5, 6), (9, 11)]
