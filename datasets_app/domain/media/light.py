"""Between the numbers of a picture and the light that they stand for.

The curve is that of sRGB (IEC 61966-2-1).
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame

LinearFrame: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 3) or (H, W, 4) float32, 0..1, proportional to light; a fourth channel is coverage."""

_STEPS = 65535


def to_linear(picture: RgbFrame) -> LinearFrame:
    """Return the light of ``picture``, (H, W, 3) float32 in 0..1."""
    light: LinearFrame = cv2.LUT(picture, _DECODED)
    return light


def to_stored(light: LinearFrame) -> RgbFrame:
    """Return (H, W, 3) ``light`` as a picture, cut to 0..1; at most 1/40 level beside rounding."""
    steps = cv2.multiply(light, (_STEPS,) * 4, dtype=cv2.CV_16U)
    picture: RgbFrame = cv2.LUT(steps, _ENCODED)
    return picture


def decoded(stored: float) -> float:
    """Return the light, 0..1, that the stored number ``stored``, 0..1, stands for."""
    return stored / 12.92 if stored <= 0.04045 else ((stored + 0.055) / 1.055) ** 2.4


def _decoding() -> npt.NDArray[np.float32]:
    return np.array([decoded(level / 255) for level in range(256)], np.float32)


def _encoding() -> npt.NDArray[np.uint8]:
    light = np.arange(_STEPS + 1) / _STEPS
    stored = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    table: npt.NDArray[np.uint8] = np.rint(stored * 255).astype(np.uint8)
    return table


_DECODED = _decoding()
_ENCODED = _encoding()
