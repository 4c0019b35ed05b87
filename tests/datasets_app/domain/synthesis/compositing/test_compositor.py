"""One object over one background: exact where it must be, soft where it was asked to be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.compositing.compositor import Compositor, Pasted, blend
from datasets_app.domain.synthesis.geometry.placement import place
from tests.scenes import ellipse, texture

SIZE = FrameSize(64, 48)
PICTURE, BACKGROUND = texture(SIZE, 1), texture(SIZE, 2)


def pasted(
    mask: GrayFrame,
    *,
    scale: float = 0.8,
    shift: tuple[float, float] = (0.0, 0.0),
    soft: bool = False,
    soft_edge: int = 0,
) -> Pasted:
    at = place(SIZE, SIZE, scale=scale, shift_x=shift[0], shift_y=shift[1])
    return Compositor(at, soft=soft, soft_edge=soft_edge).paste(PICTURE, mask, BACKGROUND)


@given(
    cover=st.floats(0.01, 0.7),
    across=st.floats(-0.5, 0.5),
    scale=st.floats(0.4, 1),
    shift=st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)),
    soft=st.booleans(),
    soft_edge=st.integers(0, 8),
)
def test_the_layers_recompose_the_composite_whatever_the_move(
    cover: float,
    across: float,
    scale: float,
    shift: tuple[float, float],
    soft: bool,
    soft_edge: int,
) -> None:
    mask = cv2.GaussianBlur(ellipse(SIZE, cover=cover, across=across), (0, 0), 1.5)
    made = pasted(mask, scale=scale, shift=shift, soft=soft, soft_edge=soft_edge)
    alpha = made.alpha.astype(np.float64)[..., None] / 255
    recomposed = alpha * made.foreground + (1 - alpha) * BACKGROUND
    assert np.abs(recomposed - made.full).max() <= 1
    outside = made.alpha == 0
    assert np.array_equal(made.full[outside], BACKGROUND[outside])
    assert made.foreground[outside].max(initial=0) == 0
    untouched = np.ones_like(made.alpha, bool)
    untouched[made.touched.slices] = False
    assert made.alpha[untouched].max(initial=0) == 0


def test_a_hard_edge_has_no_value_between() -> None:
    made = pasted(cv2.GaussianBlur(ellipse(SIZE), (0, 0), 3))
    assert set(np.unique(made.alpha)) == {0, 255}


def test_a_feather_is_as_wide_as_it_was_asked_to_be() -> None:
    size = FrameSize(200, 40)
    half = np.zeros((40, 200), np.uint8)
    half[:, :100] = 255
    at = place(size, size, scale=1, shift_x=0, shift_y=0)
    black = np.zeros((40, 200, 3), np.uint8)
    widths = []
    for soft_edge in (4, 8, 16):
        alpha = Compositor(at, soft=False, soft_edge=soft_edge).paste(black, half, black).alpha
        row = alpha[20].astype(float) / 255
        assert row[99] + row[100] == pytest.approx(1, abs=0.02)
        widths.append(int(((row > 0.02) & (row < 0.98)).sum()))
    assert widths == pytest.approx([4, 8, 16], abs=1)


def test_a_matte_keeps_its_own_edge() -> None:
    matte = cv2.GaussianBlur(ellipse(SIZE), (0, 0), 4)
    made = pasted(matte, scale=1, soft=True, soft_edge=1)
    assert np.abs(made.alpha.astype(int) - np.where(matte > 2, matte, 0)).max() <= 1


def test_the_noise_of_a_lossy_mask_is_no_object() -> None:
    noisy = np.maximum(ellipse(SIZE), np.random.default_rng(0).integers(0, 6, (48, 64), np.uint8))
    assert np.array_equal(pasted(noisy).full, pasted(ellipse(SIZE)).full)


def test_a_soft_edge_does_not_carry_the_old_background_along() -> None:
    """A grey object filmed before green, laid over grey: its rim must not be green."""
    mask = ellipse(SIZE)
    matte = cv2.GaussianBlur(mask, (0, 0), 2)
    grey, green = np.full((48, 64, 3), 130, np.uint8), np.zeros((48, 64, 3), np.uint8)
    green[..., 1] = 255
    filmed = blend(grey, green, matte)
    at = place(SIZE, SIZE, scale=1, shift_x=0, shift_y=0)
    made = Compositor(at, soft=True, soft_edge=2).paste(filmed, matte, grey)
    spill = made.full[..., 1].astype(int) - made.full[..., 0]
    naive = blend(filmed, grey, matte)
    naive_spill = naive[..., 1].astype(int) - naive[..., 0]
    assert naive_spill.max() > 60
    assert spill.max() < naive_spill.max() / 4


def test_an_object_out_of_the_frame_leaves_the_background() -> None:
    corner = np.zeros((48, 64), np.uint8)
    corner[:6, :6] = 255
    made = pasted(corner, scale=1, shift=(-0.3, -0.3))
    assert made.touched.empty
    assert np.array_equal(made.full, BACKGROUND)


def test_an_empty_mask_leaves_the_background() -> None:
    assert np.array_equal(pasted(np.zeros((48, 64), np.uint8)).full, BACKGROUND)


def test_a_larger_clip_with_odd_sides_is_fitted_into_the_frame() -> None:
    source = FrameSize(131, 97)
    at = place(source, SIZE, scale=1, shift_x=0, shift_y=0)
    made = Compositor(at, soft=False, soft_edge=0).paste(
        texture(source, 3), ellipse(source), BACKGROUND
    )
    share = (made.alpha > 0).mean()
    assert share == pytest.approx(at.area * (ellipse(source) > 0).mean(), abs=0.01)


def test_pictures_of_other_sizes_are_refused() -> None:
    at = place(SIZE, SIZE, scale=1, shift_x=0, shift_y=0)
    with pytest.raises(ValueError, match="64x48"):
        Compositor(at, soft=False, soft_edge=0).paste(
            PICTURE, ellipse(FrameSize(32, 24)), BACKGROUND
        )


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_a_blend_is_the_rounded_exact_value(front: int, back: int, alpha: int) -> None:
    one = np.full((1, 8, 3), front, np.uint8)
    other = np.full((1, 8, 3), back, np.uint8)
    mixed = blend(one, other, np.full((1, 8), alpha, np.uint8))
    exact = (alpha * front + (255 - alpha) * back) / 255
    assert np.all(np.abs(mixed - exact) <= 0.5 + 1e-3)
    assert np.unique(mixed).size == 1
