"""How much of the object is neither opaque nor clear."""

from __future__ import annotations

from fractions import Fraction

import cv2

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame


def _value(frame: LayerFrames) -> float | None:
    alpha = frame["alpha"]
    shown = int(cv2.countNonZero(alpha))
    opaque = int(cv2.countNonZero(cv2.inRange(alpha, 255, 255)))
    return 100 * (shown - opaque) / shown if shown else None


class SoftShare(AlwaysAvailable):
    """Pixels of alpha 1..254 among those above 0, at full size; nothing without an object."""

    info = PluginInfo("soft_share", "Soft share", "Share of the object that is half clear", 1)
    needs = ("alpha",)
    unit = "%"
    better: Better = "none"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, scale=100.0)
