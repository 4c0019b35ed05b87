"""Guidance masks: coarse, one-hot, matched one to one, the same person's through a clip."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.crowd.guidance import (
    DEGRADATIONS,
    Degradation,
    draw_guide,
    guide_mask,
    guide_masks,
    one_hot,
)
from datasets_app.domain.synthesis.seeds import generator
from datasets_app.domain.synthesis.sources.mask_matching import ClipMatcher, match_masks, soft_iou
from tests.subjects import figure

SIZE = FrameSize(192, 288)


def bar(left: int, right: int, width: int = 100) -> GrayFrame:
    mask = np.zeros((20, width), np.uint8)
    mask[:, left:right] = 255
    return mask


@pytest.mark.parametrize("source", DEGRADATIONS)
def test_a_mask_is_hard_coarse_and_still_the_persons(source: Degradation) -> None:
    alpha = figure(SIZE)
    ious = []
    for seed in range(20):
        mask = guide_mask(alpha, draw_guide(source, generator(seed)))
        assert set(np.unique(mask)) <= {0, 255}
        ious.append(soft_iou(alpha, mask))
    assert 0.6 < np.mean(ious) < 0.99
    assert (np.std(ious) < 1e-9) == (source == "binary")


def test_kernels_grow_with_the_picture() -> None:
    draw = draw_guide("rough", generator(3)).model_copy(update={"steps": 2, "dilate": 20})
    small, large = (
        guide_mask(figure(size), draw).astype(bool).mean() for size in (SIZE, FrameSize(384, 576))
    )
    assert small == pytest.approx(large, abs=0.02)


def test_the_mask_of_who_rests_rests_where_a_draw_per_frame_flickers() -> None:
    def rests(masks: list[GrayFrame]) -> None:
        assert all(np.array_equal(mask, masks[0]) for mask in masks)

    still, drawn = figure(SIZE), draw_guide("rough", generator(1))
    rests([guide_masks([still], [drawn])[0] for _ in range(6)])
    rng = generator(1)
    with pytest.raises(AssertionError):
        rests([guide_mask(still, draw_guide("rough", rng)) for _ in range(6)])


def test_where_two_masks_claim_a_pixel_the_larger_alpha_keeps_it() -> None:
    masks = [bar(0, 60), bar(40, 100)]
    weak, strong = bar(0, 60) // 3, bar(40, 100)
    first, second = one_hot(masks, [weak, strong])
    assert not (first.astype(bool) & second.astype(bool)).any()
    assert np.array_equal(second, masks[1])
    assert np.array_equal(first, bar(0, 40))


def test_masks_of_a_source_are_pairwise_disjoint() -> None:
    alphas = [figure(SIZE), figure(SIZE, shift=40)]
    draws = [draw_guide("rough", generator(seed)) for seed in (1, 2)]
    one, other = guide_masks(alphas, draws)
    assert not (one.astype(bool) & other.astype(bool)).any()


def greedy(alphas: list[GrayFrame], masks: list[GrayFrame]) -> list[int]:
    """The published rule: every person takes the best mask, whoever has it already."""
    return [int(np.argmax([soft_iou(alpha, mask) for mask in masks])) for alpha in alphas]


def everybody_has_an_own_mask(masks: list[int | None]) -> None:
    assert set(masks) == {0, 1}


def test_one_mask_never_serves_two_people() -> None:
    alphas = [bar(0, 50), bar(2, 46)]
    masks = [bar(0, 48), bar(4, 60)]
    matched = match_masks(alphas, masks, least=0.5)
    everybody_has_an_own_mask([match.mask for match in matched.matches])
    with pytest.raises(AssertionError):
        everybody_has_an_own_mask([*greedy(alphas, masks)])


def test_who_has_no_mask_is_told_and_masks_of_nobody_are_kept() -> None:
    alphas = [bar(0, 40), bar(60, 90)]
    masks = [bar(1, 40), bar(45, 55)]
    matched = match_masks(alphas, masks)
    assert [match.synthetic for match in matched.matches] == [False, True]
    assert matched.matches[0].iou == pytest.approx(39 / 40, abs=0.001)
    assert matched.unmatched == (1,)
    assert match_masks(alphas, []).matches[0].synthetic


def test_a_person_keeps_its_track_and_switches_are_counted() -> None:
    matcher = ClipMatcher(2)
    ann, bob = bar(0, 40), bar(50, 90)
    first = matcher.add([ann, bob], [bar(0, 40), bar(50, 90)], [7, 9])
    assert [match.mask for match in first.matches] == [0, 1]
    # The segmenter swaps its two tracks.
    second = matcher.add([ann, bob], [bar(50, 90), bar(0, 40)], [7, 9])
    assert [match.mask for match in second.matches] == [None, None]
    assert second.matches[0].iou < 0.1
    assert second.unmatched == (0, 1), "they are nobody's, and kept"
    assert matcher.switches == 2
    third = matcher.add([ann, bob], [bar(0, 40)], [7])
    assert [match.mask for match in third.matches] == [0, None]
    assert matcher.switches == 2
