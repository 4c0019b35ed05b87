"""Brings a foreground into the light of its new background: one gain per colour and clip.

Gains keep black black. They are measured over the clip, not per frame, so that nothing flickers
when the object moves; and they go half the way at most: a person at the sea is not blue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame

# At full strength brightness and tint go this far towards the background's, as powers.
_BRIGHTNESS = 0.5
_TINT = 0.35
# No colour becomes more than that many times brighter or darker.
_MOST = 2.0
_INSIDE = 200


@dataclass(frozen=True, slots=True)
class ColourMatch:
    """What red, green and blue of the stored picture are multiplied by."""

    gains: tuple[float, float, float]

    def apply(self, foreground: RgbFrame, alpha: GrayFrame) -> RgbFrame:
        """Return (H, W, 3) ``foreground`` changed, cut to 0..255, black where alpha is 0."""
        changed = np.zeros_like(foreground)
        cv2.copyTo(cv2.transform(foreground, np.diag(self.gains)), alpha, changed)
        return changed


def measured_match(
    frames: Iterable[tuple[RgbFrame, GrayFrame, RgbFrame]], strength: float
) -> ColourMatch:
    """Return the match of a clip from a few of its frames: foreground, alpha, background.

    ``strength``: 0 changes nothing. An object that is seen in none of the frames stays as it is.
    """
    inside, behind = [], []
    for foreground, alpha, background in frames:
        inside.append(foreground[alpha > _INSIDE])
        behind.append(background[::4, ::4].reshape(-1, 3))
    own = np.concatenate(inside) if inside else np.zeros((0, 3))
    if not len(own):
        return ColourMatch((1.0, 1.0, 1.0))
    mean, aim = own.mean(axis=0) + 1, np.concatenate(behind).mean(axis=0) + 1
    brightness = aim.mean() / mean.mean()
    tint = aim / aim.mean() / (mean / mean.mean())
    gains = brightness ** (_BRIGHTNESS * strength) * tint ** (_TINT * strength)
    red, green, blue = np.clip(gains, 1 / _MOST, _MOST)
    return ColourMatch((float(red), float(green), float(blue)))
