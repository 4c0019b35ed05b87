"""Mixing of layers, as stored or in linear light.

A lens adds light, so blur belongs into linear light; trainers recompose the stored, gamma-encoded
numbers, so that mixing of layers is done as stored unless it is asked for otherwise.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.light import to_linear, to_stored
from datasets_app.domain.synthesis.compositing.compositor import blend

Light: TypeAlias = Literal["stored", "linear"]
"""Which numbers are mixed: those of the file, or those proportional to light."""


def mix(
    foreground: RgbFrame, background: RgbFrame, alpha: GrayFrame, light: Light = "stored"
) -> RgbFrame:
    """Return alpha * foreground + (1 - alpha) * background in that light, rounded once."""
    if light == "stored":
        return blend(foreground, background, alpha)
    share = alpha.astype(np.float32)
    mixed = cv2.blendLinear(to_linear(foreground), to_linear(background), share, 255 - share)
    stored = to_stored(mixed)
    cv2.copyTo(background, cv2.inRange(alpha, 0, 0), stored)
    cv2.copyTo(foreground, cv2.inRange(alpha, 255, 255), stored)
    return stored
