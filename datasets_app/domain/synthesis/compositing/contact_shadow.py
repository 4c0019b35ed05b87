"""A soft shadow where a pasted object meets what it stands on.

Nothing is known of light or ground, so that it is the least that every object leaves: its outline,
laid flat around its lowest edge and blurred. It follows the object from frame to frame by itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame

FLAT = 0.22
"""Height of the shadow, as a share of the object's."""
BELOW = 0.4
"""Of the shadow's height, what lies below the object's lowest edge."""
SOFT = 0.04
"""Width of its blur, as a share of the object's height."""
_INSIDE = 127


def contact_shadow(alpha: GrayFrame, strength: float) -> GrayFrame:
    """Return how much of the light is taken away, of 255, for an object of (H, W) ``alpha``;
    ``strength``: of what lies under it, 0..1. Nothing where no object is."""
    lost = np.zeros_like(alpha)
    left, top, width, height = cv2.boundingRect((alpha > _INSIDE).astype(np.uint8))
    if not width:
        return lost
    tall = max(2, round(FLAT * height))
    outline = alpha[top : top + height, left : left + width]
    flat = cv2.resize(outline, (width, tall), interpolation=cv2.INTER_AREA)
    begin = top + height - tall + round(BELOW * tall)
    seen = min(tall, alpha.shape[0] - begin)
    lost[begin : begin + seen, left : left + width] = flat[:seen]
    soft = cv2.GaussianBlur(lost, (0, 0), max(1.0, SOFT * height), borderType=cv2.BORDER_REPLICATE)
    shadow: GrayFrame = np.rint(soft * np.float32(strength)).astype(np.uint8)
    return shadow


def shaded(background: RgbFrame, lost: GrayFrame) -> RgbFrame:
    """Return (H, W, 3) ``background`` without the ``lost`` share of its light; the same bytes where
    nothing is lost."""
    kept = (255 - lost.astype(np.uint16))[..., None]
    darker: RgbFrame = ((background * kept + 127) // 255).astype(np.uint8)
    return darker
