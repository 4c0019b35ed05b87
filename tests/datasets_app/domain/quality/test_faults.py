"""Planted faults: same draw, same fault; only where and in what it says, and never unseen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from datasets_app.domain.quality.derived import object_of
from datasets_app.domain.quality.faults import FAULTS, Fault, draw_fault, is_visible, planted
from datasets_app.domain.recipes.base import Layers
from datasets_app.models.verdict import Reason
from matteweb.errors import BadInput
from tests.fault_samples import painted_sample
from tests.tuples import tuple_frames

KINDS = [kind.info.slug for kind in FAULTS]


@pytest.fixture(scope="module")
def sample() -> list[Layers]:
    return painted_sample(2, frames=24)


def moving(frames: int = 12) -> list[Layers]:
    content = tuple_frames(frames)
    return [{name: content[name][at] for name in content} for at in range(frames)]


def still(frames: int = 12) -> list[Layers]:
    first = moving(1)[0]
    centred = np.full_like(first["mask"], 128)
    centred[16:32, 24:40] = 0
    return [first | {"mask": centred} for _ in range(frames)]


def drawn(kind: str, frames: list[Layers], seed: int = 5) -> Fault:
    return draw_fault(kind, tuple(frames[0]), len(frames), np.random.default_rng(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_changes_its_layers_in_its_frames_and_nothing_else(
    kind: str, sample: list[Layers]
) -> None:
    fault = drawn(kind, sample)
    assert fault == drawn(kind, sample)
    changed = list(planted(iter(sample), fault))
    assert len(changed) == len(sample)
    touched = set()
    for number, (old, new) in enumerate(zip(sample, changed, strict=True)):
        assert {name: (a.shape, a.dtype) for name, a in new.items()} == {
            name: (a.shape, a.dtype) for name, a in old.items()
        }
        differing = {name for name in old if not np.array_equal(old[name], new[name])}
        assert differing <= set(fault.layers)
        if differing:
            touched.add(number)
    assert touched
    assert touched <= set(fault.frames)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_named_by_a_reason_that_a_reviewer_has(kind: str) -> None:
    assert set(FAULTS[kind].expected) <= set(Reason.values)


def test_a_frozen_stretch_repeats_the_frame_before_it(sample: list[Layers]) -> None:
    for seed in range(9):
        fault = drawn("frozen", sample, seed)
        changed = list(planted(iter(sample), fault))
        for number in fault.frames:
            for name in fault.layers:
                assert np.array_equal(changed[number][name], sample[fault.frames[0] - 1][name])


def test_a_shifted_layer_is_that_of_the_neighbour(sample: list[Layers]) -> None:
    fault = drawn("frame_shift", sample)
    (layer,) = fault.layers
    changed = list(planted(iter(sample), fault))
    for number in set(fault.frames) & set(range(1, len(sample) - 1)):
        assert np.array_equal(changed[number][layer], sample[number + fault.step][layer])


def test_a_halo_is_a_rim_outside_the_object(sample: list[Layers]) -> None:
    fault = drawn("halo", sample)
    for number, new in enumerate(planted(iter(sample), fault)):
        old = sample[number]
        touched = np.any(old["rgb_full"] != new["rgb_full"], axis=2)
        assert touched.any() == (number in fault.frames)
        assert not touched[object_of(old) == 255].any()


def test_flicker_comes_back_at_its_period() -> None:
    frames = moving(40)
    fault = draw_fault("flicker", tuple(frames[0]), 40, np.random.default_rng(1), period=6)
    assert len(fault.frames) >= 5
    assert set(np.diff(fault.frames)) == {6}


@pytest.mark.parametrize("kind", ["frame_shift", "wrong_mask", "frozen"])
def test_a_fault_that_nobody_could_see_is_refused(kind: str) -> None:
    frames = still()
    with pytest.raises(BadInput, match="could not be seen"):
        list(planted(iter(frames), drawn(kind, frames), must_show=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_shows_is_let_through(kind: str) -> None:
    frames = moving()
    fault = drawn(kind, frames)
    made = list(planted(iter(frames), fault, must_show=True))
    assert sum(is_visible(fault, old, new) for old, new in zip(frames, made, strict=True)) > 0


def test_a_clip_too_short_for_a_fault_is_refused() -> None:
    with pytest.raises(BadInput, match="too few"):
        draw_fault("frozen", ("rgb_full", "mask"), 3, np.random.default_rng(1))


@pytest.mark.parametrize("kind", KINDS)
def test_planting_reads_one_frame_ahead_and_no_further(kind: str) -> None:
    taken: list[int] = []

    def counted(frames: list[Layers]) -> Iterator[Layers]:
        for number, layers in enumerate(frames):
            taken.append(number)
            yield layers

    frames = moving()
    next(planted(counted(frames), drawn(kind, frames)))
    assert taken == [0, 1]
