"""The losses measure what they are called for."""

from __future__ import annotations

import torch

from inference_app.domain.training.losses import (
    Weights,
    band_of,
    change_loss,
    flicker_loss,
    frame_loss,
    pyramid_loss,
    wavelet_loss,
)


def alphas_of(plane: torch.Tensor) -> list[torch.Tensor]:
    return [torch.nn.functional.avg_pool2d(plane, k) for k in (8, 4, 2)] + [plane]


def edge() -> torch.Tensor:
    plane = torch.zeros(1, 1, 32, 32)
    plane[..., 16:] = 1
    plane[..., 15] = 0.5
    return plane


def test_the_truth_itself_costs_nothing() -> None:
    assert float(frame_loss(alphas_of(edge()), edge(), Weights())) < 1e-6
    assert float(change_loss(edge(), edge() * 0, edge(), edge() * 0)) == 0


def test_an_error_in_the_band_costs_more_than_the_same_error_outside() -> None:
    truth, inside, outside = edge(), edge(), edge()
    inside[0, 0, 8, 14] += 0.4
    outside[0, 0, 8, 4] += 0.4
    near, far = (float(frame_loss(alphas_of(a), truth, Weights())) for a in (inside, outside))
    assert near > far > 0


def test_the_band_is_a_window_of_seven_around_what_is_unsure() -> None:
    band = band_of(edge())[0, 0, 16]
    assert band.nonzero().flatten().tolist() == list(range(12, 19))


def test_a_constant_error_is_all_low_pass_in_both_pyramids() -> None:
    off = edge() + 0.25
    assert abs(float(wavelet_loss(off, edge())) - 0.25) < 1e-6
    assert abs(float(pyramid_loss(off, edge(), levels=3)) - 0.25 * 8 / 3) < 1e-5


def test_flicker_costs_though_each_frame_is_as_wrong() -> None:
    truth = edge()
    steady = change_loss(truth + 0.1, truth + 0.1, truth, truth)
    flickering = change_loss(truth + 0.1, truth - 0.1, truth, truth)
    assert float(steady) == 0
    assert abs(float(flickering) - 0.2) < 1e-6


def test_the_flicker_loss_is_the_mean_of_the_clips_own_dtssd() -> None:
    truth = edge().repeat(2, 1, 1, 1)
    before, after = truth.clone(), truth.clone()
    after[0, 0, :8] += 0.4  # a quarter of the first clip jumps, the second holds still
    found = float(flicker_loss(after, before, truth, truth))
    assert abs(found - (0.2 + 0.001) / 2) < 1e-5


def test_the_flicker_loss_has_a_slope_where_nothing_flickers() -> None:
    alpha = edge().requires_grad_()
    flicker_loss(alpha, edge(), edge(), edge()).backward()  # type: ignore[no-untyped-call]
    assert alpha.grad is not None
    assert bool(torch.isfinite(alpha.grad).all())
