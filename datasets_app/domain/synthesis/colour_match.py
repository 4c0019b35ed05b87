"""Brings a foreground into the light of its new background: one change of colour per clip.

Mean and spread of luma and mean of chroma are moved towards those of the background (after
Reinhard et al., "Color Transfer between Images", 2001). They are measured over the clip, not per
frame, so that nothing flickers when the object moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame

_Numbers = npt.NDArray[np.float64]

# Full-range YCbCr of BT.601 around 0.
_TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
)
_TO_RGB = np.linalg.inv(_TO_YCC)
# How far contrast may be changed either way.
_CONTRAST = 1.5
_INSIDE = 200


@dataclass(frozen=True, slots=True, eq=False)
class ColourMatch:
    """One affine change of stored colours, (3, 4)."""

    matrix: _Numbers

    def apply(self, picture: RgbFrame) -> RgbFrame:
        """Return (H, W, 3) ``picture`` changed, cut to 0..255."""
        changed: RgbFrame = cv2.transform(picture, self.matrix)
        return changed


def measured_match(
    frames: Iterable[tuple[RgbFrame, GrayFrame, RgbFrame]], strength: float
) -> ColourMatch:
    """Return the match of a clip from a few of its frames: foreground, alpha, background.

    ``strength``: 0 changes nothing, 1 takes the background's figures as they are. An object that
    is seen in none of the frames stays as it is.
    """
    inside, behind = [], []
    for foreground, alpha, background in frames:
        inside.append(foreground[alpha > _INSIDE] @ _TO_YCC.T)
        behind.append(background[::4, ::4].reshape(-1, 3) @ _TO_YCC.T)
    own = np.concatenate(inside) if inside else np.zeros((0, 3))
    if not len(own):
        return ColourMatch(np.eye(3, 4))
    other = np.concatenate(behind)
    mean, aim = own.mean(axis=0), other.mean(axis=0)
    contrast = (other[:, 0].std() + 1) / (own[:, 0].std() + 1)
    gain = 1 + strength * (min(max(contrast, 1 / _CONTRAST), _CONTRAST) - 1)
    scale = np.diag([gain, 1.0, 1.0])
    target = mean + strength * (aim - mean)
    linear = _TO_RGB @ scale @ _TO_YCC
    offset = _TO_RGB @ (target - scale @ mean)
    return ColourMatch(np.hstack([linear, offset[:, None]]))
