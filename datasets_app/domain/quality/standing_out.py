"""How much of what is removed can be seen at all, as eyes compare full and removed picture."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame


def stands_out(full: RgbFrame, removed: RgbFrame, gone: GrayFrame) -> float:
    """Return by how many levels of brightness an (H, W, 3) pair differs where ``gone``, (H, W), is
    above 0, on average; 0 where it is nowhere. Eyes tell shapes by brightness, hardly by hue."""
    if not cv2.countNonZero(gone):
        return 0.0
    bright = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (full, removed))
    step = cv2.absdiff(*bright)
    return float(cv2.mean(step, mask=np.asarray(gone > 0, np.uint8))[0])
