"""Light of a bright background that creeps around the edge of what stands before it."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame

# How far it reaches, as a share of the frame's width.
_REACH = 0.012


def wrapped(
    foreground: RgbFrame, alpha: GrayFrame, background: RgbFrame, amount: float
) -> RgbFrame:
    """Return ``foreground`` with up to ``amount`` (0..1) of the background's soft light at its rim.

    It only brightens, and fades to nothing ``_REACH`` inside the object. Alpha is not changed, so
    that the layers recompose.
    """
    reach = max(1.0, _REACH * alpha.shape[1])
    outside = cv2.GaussianBlur(255 - alpha, (0, 0), reach).astype(np.float32) / 255
    light = cv2.GaussianBlur(background, (0, 0), reach).astype(np.float32)
    rim = (outside * np.float32(amount))[..., None]
    own = foreground.astype(np.float32)
    lit = np.rint(own + rim * np.maximum(light - own, 0)).astype(np.uint8)
    result = np.zeros_like(foreground)
    cv2.copyTo(lit, alpha, result)
    return result
