"""Depth of field as defocused_segmentation describes it, written the obvious way.

Eight copies of every frame, blurred by Gaussians from none to the strongest, and per pixel the
mixture of the two that its depth asks for; the same for alpha. Depth is stretched frame by frame,
averaged over five frames and blurred. Vectorised NumPy and SciPy, no loop over pixels. Like the
description it takes the depth as given, leaves out the network that makes it, and keeps neither
foreground nor background, which the recipe does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Clip = NDArray[np.uint8]
"""(N, H, W, 3) or (N, H, W) uint8."""
Floats = NDArray[np.float64]

COPIES = 8
_RADIUS = 2


def defocused(
    clip: Clip, alpha: Clip, depth: Clip, sigma: float
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Yield every frame and its alpha, blurred; ``sigma`` is the strongest blur in pixels."""
    near = np.stack([_stretched(frame) for frame in depth])
    focus, half = _focus(near, alpha)
    sigmas = np.linspace(0, sigma, COPIES)
    for number, (picture, matte) in enumerate(zip(clip, alpha, strict=True)):
        smooth = gaussian_filter(_steadied(near, number), 1)
        level = gaussian_filter(_level(smooth, focus, half), 4)
        if level.mean() < 0.15:
            level = 0.3 * level + 0.7 * level**1.5
        wanted = np.clip(level * sigma, 0, 0.95 * sigma) / sigma * (COPIES - 1)
        yield _mixed(picture, sigmas, wanted), _mixed(matte, sigmas, wanted)


def _stretched(depth: NDArray[np.uint8]) -> Floats:
    low, high = float(depth.min()), float(depth.max())
    return np.asarray((depth - low) / (high - low + 1e-8), np.float64)


def _focus(near: Floats, alpha: Clip) -> tuple[float, float]:
    """Return the middle of the subject's depth, and half the width of what is sharp."""
    height, width = near.shape[1:]
    central = np.zeros((height, width), bool)
    central[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = True
    middles, spreads = [], []
    for frame, matte in zip(near[:10], alpha[:10], strict=True):
        inside = frame[(matte > 127) & central]
        middles.append(float(np.median(inside)) if inside.size else 0.5)
        low, high = np.percentile(inside, (5, 95)) if inside.size else (0.0, 0.05)
        spreads.append(float(np.clip(high - low, 0.02, 0.15)))
    return float(np.mean(middles)), max(0.8 * float(np.median(spreads)), 0.03)


def _steadied(near: Floats, number: int) -> Floats:
    offsets = np.arange(-_RADIUS, _RADIUS + 1)
    weights = np.exp(-(offsets**2) / 8)
    frames = near[np.clip(number + offsets, 0, len(near) - 1)]
    mean: Floats = np.tensordot(weights / weights.sum(), frames, axes=1)
    return mean


def _level(near: Floats, focus: float, half: float) -> Floats:
    t = (near - (focus - half)) / (2 * half)
    level: Floats = np.where(t < 0, 1.0, np.where(t > 1, 0.0, 1 - np.exp(-5 * np.clip(t, 0, 1))))
    return level


def _mixed(picture: NDArray[np.uint8], sigmas: Floats, wanted: Floats) -> NDArray[np.uint8]:
    """Return, per pixel, the mixture of the two copies next to ``wanted`` (0..COPIES - 1)."""
    axes = (0, 1)
    copies = np.stack(
        [picture if s == 0 else gaussian_filter(picture, s, axes=axes) for s in sigmas]
    )
    low = np.clip(wanted.astype(int), 0, COPIES - 2)
    share = wanted - low
    rows, columns = np.indices(wanted.shape)
    if picture.ndim == 3:
        share = share[..., None]
    below, above = copies[low, rows, columns], copies[low + 1, rows, columns]
    return np.asarray(below * (1 - share) + above * share).astype(np.uint8)
