"""Faults put into good samples: they can be seen, are where they belong, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.review.faults import FAULTS, FaultSettings, Layers, object_of
from datasets_app.models.verdict import Reason
from matteweb.errors import BadInput
from tests.tuples import tuple_frames

SETTINGS = FaultSettings(strength=0.5, seed=3)
SLUGS = [fault.info.slug for fault in FAULTS]


def clean(frames: int = 12) -> list[Layers]:
    content = tuple_frames(frames)
    return [{name: content[name][at] for name in content} for at in range(frames)]


def still(frames: int = 6) -> list[Layers]:
    first = clean(1)[0]
    centred = np.full_like(first["mask"], 128)
    centred[16:32, 24:40] = 0
    return [first | {"mask": centred} for _ in range(frames)]


def faulty(slug: str, frames: list[Layers], settings: FaultSettings = SETTINGS) -> list[Layers]:
    return list(FAULTS[slug].apply(iter(frames), settings))


def changed(before: Layers, after: Layers) -> set[str]:
    return {name for name in before if not np.array_equal(before[name], after[name])}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_fault_keeps_number_shape_and_type_of_the_frames(slug: str) -> None:
    frames = clean()
    made = faulty(slug, frames)
    assert len(made) == len(frames)
    for before, after in zip(frames, made, strict=True):
        assert {name: (a.shape, a.dtype) for name, a in after.items()} == {
            name: (a.shape, a.dtype) for name, a in before.items()
        }


@pytest.mark.parametrize("slug", SLUGS)
def test_a_fault_is_named_by_a_reason_that_a_reviewer_has(slug: str) -> None:
    assert set(FAULTS[slug].expected) <= set(Reason.values)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_seed_gives_the_same_bytes(slug: str) -> None:
    first, second = faulty(slug, clean()), faulty(slug, clean())
    assert all(not changed(a, b) for a, b in zip(first, second, strict=True))


def test_a_halo_is_a_rim_outside_the_object() -> None:
    for before, after in zip(clean(), faulty("halo", clean()), strict=True):
        assert changed(before, after) == {"rgb_full"}
        inside = object_of(before) > 0
        touched = np.any(before["rgb_full"] != after["rgb_full"], axis=2)
        assert touched.any()
        assert not touched[inside].any()


def test_flicker_comes_back_every_few_frames() -> None:
    touched = [
        number
        for number, (a, b) in enumerate(zip(clean(20), faulty("flicker", clean(20)), strict=True))
        if changed(a, b)
    ]
    assert len(touched) >= 3
    assert len({later - earlier for earlier, later in pairwise(touched)}) == 1


def test_a_shifted_mask_is_that_of_the_frame_before() -> None:
    frames = clean()
    made = faulty("frame_shift", frames)
    assert np.array_equal(made[0]["mask"], frames[0]["mask"])
    for before, after, earlier in zip(frames[1:], made[1:], frames, strict=False):
        assert np.array_equal(after["mask"], earlier["mask"])
        assert np.array_equal(after["rgb_full"], before["rgb_full"])


def test_a_wrong_mask_leaves_the_pictures_alone() -> None:
    for before, after in zip(clean(), faulty("wrong_mask", clean()), strict=True):
        assert changed(before, after) == {"mask"}


@pytest.mark.parametrize("slug", ["frame_shift", "wrong_mask"])
def test_a_fault_that_nobody_could_see_is_refused(slug: str) -> None:
    with pytest.raises(BadInput):
        faulty(slug, still())


def test_a_fault_is_streamed_and_never_reads_ahead() -> None:
    taken: list[int] = []

    def counted(frames: list[Layers]) -> Iterator[Layers]:
        for number, layers in enumerate(frames):
            taken.append(number)
            yield layers

    for fault in FAULTS:
        taken.clear()
        stream: Any = fault.apply(counted(clean()), SETTINGS)
        next(stream)
        assert taken == [0]
