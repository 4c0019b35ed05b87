"""What training makes small: errors of alpha in its values, wavelets, scales and changes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from inference_app.domain.networks.wavelets import WAVELETS

BAND_REACH = 3
"""Pixels around a place that is neither 0 nor 1 that count as the band: a window of 7 x 7."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts."""

    value: float = 1.0
    band: float = 3.0
    pyramid: float = 0.5
    wavelet: float = 1.5
    scales: float = 0.3
    change: float = 1.0
    steady: float = 0.0


def band_of(truth: Tensor) -> Tensor:
    """Return 1 where a window of 7 x 7 holds an alpha between .02 and .98, (B, 1, H, W), else 0."""
    unsure = ((truth > 0.02) & (truth < 0.98)).float()
    return functional.max_pool2d(unsure, 2 * BAND_REACH + 1, stride=1, padding=BAND_REACH)


def frame_loss(alphas: list[Tensor], truth: Tensor, weights: Weights) -> Tensor:
    """Return the error of one frame's alphas at 1/8, 1/4, 1/2 and 1/1; ``truth`` (B, 1, H, W)."""
    alpha = alphas[-1]
    total = weights.value * ((alpha - truth).abs() * (1 + weights.band * band_of(truth))).mean()
    total = total + weights.wavelet * wavelet_loss(alpha, truth)
    if weights.pyramid:
        total = total + weights.pyramid * pyramid_loss(alpha, truth)
    for alpha_small, factor in zip(alphas, (8, 4, 2), strict=False):
        small = functional.avg_pool2d(truth, factor)
        total = total + weights.scales * (alpha_small - small).abs().mean()
    return total


def change_loss(alpha: Tensor, before: Tensor, truth: Tensor, truth_before: Tensor) -> Tensor:
    """Return how differently two frames' alphas change from how the truth does."""
    return ((alpha - before) - (truth - truth_before)).abs().mean()


def flicker_loss(alpha: Tensor, before: Tensor, truth: Tensor, truth_before: Tensor) -> Tensor:
    """Return the mean over clips of dtSSD: the root mean square of what changes differently.

    Unlike `change_loss` it weighs few large jumps more than many small ones, and a clip that
    flickers little as much as one that flickers a lot.
    """
    wrong = (alpha - before) - (truth - truth_before)
    # The root has no slope at 0; a thousandth of the alpha range is below what is stored.
    return (wrong.square().mean((1, 2, 3)) + 1e-6).sqrt().mean()


def wavelet_loss(alpha: Tensor, truth: Tensor, levels: int = 3) -> Tensor:
    """Return the error of the Haar details of ``levels`` levels, coarser ones counting more."""
    haar = WAVELETS["haar"]
    total = alpha.new_zeros(())
    difference = alpha - truth
    for level in range(levels):
        bands = haar.analyse(difference)
        difference = bands[:, :1] / haar.low_gain
        total = total + 2**level * bands[:, 1:].abs().mean()
    return total + difference.abs().mean()


def pyramid_loss(alpha: Tensor, truth: Tensor, levels: int = 4) -> Tensor:
    """Return the error of a Laplacian pyramid with the binomial window of 5."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=alpha.device) / 16
    across, down = taps.view(1, 1, 1, 5), taps.view(1, 1, 5, 1)
    total = alpha.new_zeros(())
    difference = alpha - truth
    for level in range(levels):
        smooth = functional.pad(difference, (2, 2, 2, 2), mode="replicate")
        smooth = functional.conv2d(functional.conv2d(smooth, across), down)
        total = total + 2**level * (difference - smooth).abs().mean()
        difference = smooth[..., ::2, ::2]
    return torch.div(total + 2**levels * difference.abs().mean(), levels)
