"""Smoothing that stops at the edges of the picture."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from scipy.linalg import solveh_banded

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.planes import Field, Floats, SoftMask

_TINY = 1e-9


def guided(picture: RgbFrame, mask: SoftMask, radius: int, epsilon: float) -> SoftMask:
    """Return ``mask`` as a local linear function of the colours of ``picture``.

    ``epsilon`` is a variance of colours in 0..1. Not clipped to 0..1. Source: He, Sun and Tang,
    Guided image filtering, equations 14 to 16 (colour guide).
    """
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: Floats) -> Floats:
        return cast(Floats, cv2.blur(plane, side))

    red, green, blue = (picture[..., i].astype(np.float32) / 255 for i in range(3))
    r, g, b, p = mean(red), mean(green), mean(blue), mean(mask)
    cov_r, cov_g, cov_b = (
        mean(red * mask) - r * p,
        mean(green * mask) - g * p,
        mean(blue * mask) - b * p,
    )
    rr, gg, bb = (
        mean(red * red) - r * r + epsilon,
        mean(green * green) - g * g + epsilon,
        mean(blue * blue) - b * b + epsilon,
    )
    rg, rb, gb = mean(red * green) - r * g, mean(red * blue) - r * b, mean(green * blue) - g * b
    # The inverse of the symmetric 3x3 matrix, by cofactors.
    c_rr, c_rg, c_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c_rr + rg * c_rg + rb * c_rb)
    a_r = (c_rr * cov_r + c_rg * cov_g + c_rb * cov_b) * scale
    a_g = (c_rg * cov_r + c_gg * cov_g + c_gb * cov_b) * scale
    a_b = (c_rb * cov_r + c_gb * cov_g + c_bb * cov_b) * scale
    offset = p - a_r * r - a_g * g - a_b * b
    return mean(a_r) * red + mean(a_g) * green + mean(a_b) * blue + mean(offset)


def smoothed(
    picture: Field, mask: SoftMask, trust: SoftMask, strength: float, contrast: float
) -> SoftMask:
    """Return the mean of ``mask`` over what the picture does not separate, weighted by ``trust``.

    ``picture`` (H, W, C) in any unit, ``contrast`` in the same: a step so large halts smoothing.
    Source: Min and others, Fast global image smoothing based on weighted least squares, eq. 7-9.
    """
    across = np.exp(-np.linalg.norm(np.diff(picture, axis=1), axis=2) / contrast)
    down = np.exp(-np.linalg.norm(np.diff(picture, axis=0), axis=2) / contrast)
    values = np.stack([mask * trust, trust], axis=2).astype(np.float64)
    for passed in range(3):
        share = 1.5 * strength * 4.0 ** (2 - passed) / (4.0**3 - 1)
        values = _solve_rows(values, across, share)
        values = _solve_rows(values.transpose(1, 0, 2), down.T, share).transpose(1, 0, 2)
    return cast(SoftMask, (values[..., 0] / np.maximum(values[..., 1], _TINY)).astype(np.float32))


def _solve_rows(
    values: npt.NDArray[np.float64], weights: Floats, share: float
) -> npt.NDArray[np.float64]:
    """Smooth along rows: all rows are one tridiagonal system with gaps between them."""
    height, width = values.shape[:2]
    banded = np.zeros((2, height, width))
    banded[0, :, 1:] = -share * weights
    banded[1] = 1
    banded[1, :, 1:] += share * weights
    banded[1, :, :-1] += share * weights
    solved = solveh_banded(
        banded.reshape(2, -1), values.reshape(height * width, 2), check_finite=False
    )
    return cast("npt.NDArray[np.float64]", solved.reshape(height, width, 2))
