"""What is certain of an alpha: far from its mask there is nothing, and next to nothing is nothing.

A network alone leaves a haze of a level or two, and takes what looks alike for a part of the
object. In the validation set of our own networks the true alpha reaches 12 pixels beyond the mask
in half of the frames, 24 in 95 %, and 38 at most; its errors are the same with and without this.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from inference_app.domain.colour_agreement import UNIT, Plane

NEAR: Final = 24
"""So far from the mask alpha stays as it is; pixels of a frame whose shorter side is ``UNIT``."""

FAR: Final = 40
"""From here on it is 0; between both it fades."""

HAZE: Final = 0.01
"""What alpha has to differ from 0 and from 1 to count as soft: two and a half of 255 levels."""

_MASKED = 128


def settled(alpha: Plane, hint: GrayFrame | None) -> Plane:
    """Return ``alpha`` (H, W) in 0..1 with solid places exactly 0 and 1; ``hint``: the mask of this
    very frame. Without a mask, or with an empty one, only the haze goes."""
    if hint is not None and (masked := hint >= _MASKED).any():
        unit = min(alpha.shape) / UNIT
        away = cv2.distanceTransform((~masked).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        alpha = alpha * np.clip((FAR * unit - away) / ((FAR - NEAR) * unit), 0, 1)
    return np.asarray(np.clip((alpha - HAZE) / (1 - 2 * HAZE), 0, 1), np.float32)
