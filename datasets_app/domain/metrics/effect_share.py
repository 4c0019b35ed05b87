"""How much of the frame the effects of the removed object reach: its shadow, its reflection."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.derived import largest_difference
from datasets_app.domain.quality.each_frame import EachFrame

_LEVELS = 4
"""What a lossy codec, or noise, changes is less."""
_RIM = np.ones((5, 5), np.uint8)


def _value(frame: LayerFrames) -> float:
    differs = largest_difference(frame["rgb_full_small"], frame["rgb_removed_small"]) > _LEVELS
    beyond = cv2.dilate((frame["object_small"] > 0).astype(np.uint8), _RIM) == 0
    return 100 * float((differs & beyond).mean())


class EffectShare(AlwaysAvailable):
    """Share of the frame, beyond the object and two pixels around it, where full and removed
    picture differ in a channel by more than 4 levels, at the small size."""

    info = PluginInfo(
        "effect_share", "Effect", "Share of the frame that shadow and mirror reach", 1
    )
    needs = ("object_small", "rgb_full_small", "rgb_removed_small")
    unit = "%"
    better: Better = "none"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, scale=30.0)
