"""An alpha brought to agree with the colours under it, where they tell both sides apart.

Two steps, neither of which learns. Unmixing: near an edge the colour of a pixel lies between the
colours around it on either side, and where between is its alpha (Y.-Y. Chuang et al., "A Bayesian
Approach to Digital Matting", CVPR 2001, equation 10); the sides are means over windows, as in
M. Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021. Then half of what a guided
filter with the colours as guide makes of it (K. He, J. Sun, X. Tang, "Guided Image Filtering",
PAMI 2013, equations 14 to 16) at half the size.

All numbers were chosen on the validation set of our own networks. A wider window before this one
helps there and harms filmed clips.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame

Plane: TypeAlias = npt.NDArray[np.float32]
"""(H, W) float32 in 0..1."""

Colours: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 3) float32 in 0..1."""


UNIT: Final = 128
REACH: Final = 5
"""Deviation of the window, in pixels of a frame whose shorter side is ``UNIT``."""

STRENGTH: Final = 0.4
"""How much of the difference is taken."""

SHRUNK: Final = 2
"""Means are made so much smaller."""

NOISE: Final = 0.12
"""Distance of the two sides' colours, of 0..1 per channel, at which unmixing counts half."""

ASIDE: Final = 0.1
"""Distance from the line between both at which a colour is hardly a mixture of them."""

SURE: Final = 6
"""Power of alpha, and of what it leaves, with which a pixel stands for its side."""

_LEAST = 1e-4
_EDGE_BLUR = 1.5
_GRAIN_BLUR = 0.5
_WINDOW, _EPSILON = 9, 1e-4


def agreed(rgb: RgbFrame, alpha: Plane) -> Plane:
    """Return ``alpha`` after both steps; solid places stay what they are."""
    colours = np.asarray(rgb / np.float32(255), np.float32)
    # Grain would be taken for alpha; half a pixel of blur costs no strand.
    calm = cv2.GaussianBlur(colours, (0, 0), _GRAIN_BLUR)
    alpha = unmixed(calm, alpha)
    smooth = colour_guided(colours, alpha)
    return np.asarray(alpha + 0.5 * edge_of(alpha) * (smooth - alpha), np.float32)


def unmixed(colours: Colours, alpha: Plane) -> Plane:
    """Return ``alpha`` drawn towards where each colour lies between those of both sides."""
    edge = edge_of(alpha)
    at = np.flatnonzero(edge)
    if not at.size:
        return alpha
    front, back = _sides(colours, alpha, at)
    seen, before = colours.reshape(-1, 3)[at], alpha.reshape(-1)[at]
    apart = front - back
    length = np.square(apart).sum(1)
    share = np.clip(((seen - back) * apart).sum(1) / (length + _LEAST), 0, 1)
    aside = np.square(seen - back - share[:, None] * apart).sum(1)
    trust = length / (length + NOISE**2) * np.exp(-aside / (2 * ASIDE**2))
    found = alpha.copy()
    weight = STRENGTH * trust * edge.reshape(-1)[at]
    found.reshape(-1)[at] = before + weight * (share - before)
    return found


def edge_of(alpha: Plane) -> Plane:
    """Return (H, W) in 0..1: 1 around what is neither object nor background, 0 in solid places."""
    near = cv2.GaussianBlur(alpha, (0, 0), _EDGE_BLUR)
    unsure = 4 * near * (1 - near)
    return np.asarray(np.clip((unsure - 0.06) / 0.25, 0, 1), np.float32)


def colour_guided(colours: Colours, alpha: Plane) -> Plane:
    """Return ``alpha`` (H, W) smoothed along the edges of ``colours``, clipped to 0..1."""
    height, width = alpha.shape
    size = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(np.dstack((colours, alpha)), size, interpolation=cv2.INTER_AREA)
    guide, value = small[..., :3], small[..., 3]
    mean, value_mean = _mean(guide), _mean(value)
    product = _mean(guide * value[..., None]) - mean * value_mean[..., None]
    slope = _solved(_spreads(guide, mean), product)
    offset = value_mean - (slope * mean).sum(2)
    line = cv2.resize(_mean(np.dstack((slope, offset))), (width, height))
    plane = (line[..., :3] * colours).sum(2) + line[..., 3]
    return np.asarray(np.clip(plane, 0, 1), np.float32)


def _sides(colours: Colours, alpha: Plane, at: npt.NDArray[np.intp]) -> tuple[Plane, Plane]:
    """Return the colours of object and background around the pixels ``at``, each (K, 3)."""
    height, width = alpha.shape
    size = (max(1, width // SHRUNK), max(1, height // SHRUNK))
    reach = REACH * min(height, width) / UNIT / SHRUNK
    found = []
    for side in (alpha, 1 - alpha):
        square = side * side
        weight = square ** (SURE // 2) + _LEAST
        small = cv2.resize(
            np.dstack((colours * weight[..., None], weight)), size, interpolation=cv2.INTER_AREA
        )
        around = cv2.resize(cv2.GaussianBlur(small, (0, 0), reach), (width, height))
        known = around.reshape(-1, 4)[at]
        found.append(known[:, :3] / known[:, 3:])
    return found[0], found[1]


def _mean(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return means over windows of 9 x 9."""
    window = (_WINDOW, _WINDOW)
    return np.asarray(cv2.blur(planes, window, borderType=cv2.BORDER_REFLECT), np.float32)


def _spreads(guide: Colours, mean: Colours) -> npt.NDArray[np.float32]:
    """Return (H, W, 6): how the colours of a window spread, rr rg rb gg gb bb."""
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    planes = _mean_of_many([guide[..., i] * guide[..., j] for i, j in pairs])
    spread = planes - np.stack([mean[..., i] * mean[..., j] for i, j in pairs], 2)
    spread[..., [0, 3, 5]] += np.float32(_EPSILON)
    return np.asarray(spread, np.float32)


def _mean_of_many(planes: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.stack([_mean(plane) for plane in planes], 2)


def _solved(spread: npt.NDArray[np.float32], product: Colours) -> Colours:
    """Return (H, W, 3): what, times the symmetric matrix ``spread``, is ``product``."""
    a, b, c, d, e, f = (spread[..., index] for index in range(6))
    rows = (
        (d * f - e * e, c * e - b * f, b * e - c * d),
        (c * e - b * f, a * f - c * c, b * c - a * e),
        (b * e - c * d, b * c - a * e, a * d - b * b),
    )
    whole = a * rows[0][0] + b * rows[0][1] + c * rows[0][2]
    found = [sum(row[k] * product[..., k] for k in range(3)) / whole for row in rows]
    return np.asarray(np.stack(found, 2), np.float32)
