"""The pure colour of an object where its edge pixels show the background through.

A soft edge pasted with its filmed colours carries a rim of the old background. Blur-fusion
estimates foreground and background in both directions with box filters, whose cost does not
depend on their size: M. Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021,
eq. 4-7, two passes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import GrayFrame, RgbFrame

# Side of the box in px of the two passes. The paper takes 90 and 6; a box of odd side is centred.
_PASSES = (91, 7)
_EPSILON = 1e-5


def foreground_colour(image: RgbFrame, alpha: GrayFrame) -> RgbFrame:
    """Return the estimated (H, W, 3) foreground of ``image`` under (H, W) ``alpha``.

    Where alpha is 255 it is the image itself; where no foreground is near, its colour is
    meaningless. Runs in float32 on what it is given, so give it the part that matters.
    """
    observed = image.astype(np.float32)
    weight = alpha.astype(np.float32)[:, :, None] * np.float32(1 / 255)
    foreground = background = observed
    for side in _PASSES:
        foreground, background = _fuse(observed, foreground, background, weight, side)
    return np.clip(np.rint(foreground), 0, 255).astype(np.uint8)


def _fuse(
    observed: NDArray[np.float32],
    foreground: NDArray[np.float32],
    background: NDArray[np.float32],
    weight: NDArray[np.float32],
    side: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    box = (side, side)
    share = cv2.blur(weight, box)[:, :, None]
    near_fg = cv2.blur(foreground * weight, box) / (share + _EPSILON)
    near_bg = cv2.blur(background * (1 - weight), box) / ((1 - share) + _EPSILON)
    unexplained = observed - (weight * near_fg + (1 - weight) * near_bg)
    return np.clip(near_fg + weight * unexplained, 0, 255), near_bg
