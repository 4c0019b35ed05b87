"""Whether the layers of a sample add up to its picture."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames, Symptom
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame
from datasets_app.domain.quality.outbursts import Rule

# Rounding alone leaves less than 1 level everywhere.
_SCALE = 6.0
_RULE = Rule(floor=1.5, ceiling=1.5)
_SYMPTOM = Symptom(
    "the layers do not add up to the picture",
    ("rgb_full", "rgb_removed", "fgr", "alpha"),
    "Render the sample again: one of its layers is of another rendering.",
)


def _value(frame: LayerFrames) -> float | None:
    alpha = frame["alpha"]
    left, top, width, height = cv2.boundingRect(alpha)
    if not width:
        return None
    part = slice(top, top + height), slice(left, left + width)
    full, removed, colour = (
        np.ascontiguousarray(frame[name][part]) for name in ("rgb_full", "rgb_removed", "fgr")
    )
    return _residual(full, removed, colour, alpha[part])


def _residual(full: RgbFrame, removed: RgbFrame, colour: RgbFrame, alpha: GrayFrame) -> float:
    share = alpha.astype(np.float32)
    mixed = cv2.blendLinear(colour, removed, share, 255 - share)
    wrong = cv2.absdiff(full, mixed)[alpha > 0].astype(np.float64)
    return float(np.sqrt(np.mean(np.square(wrong))))


class Recomposition(AlwaysAvailable):
    """Root mean square, in levels 0..255 over R, G and B, of rgb_full minus alpha fgr + (1 - alpha)
    rgb_removed, over the pixels whose alpha is above 0; at full size, from the masters.
    """

    info = PluginInfo(
        "recomposition",
        "Recomposition residual",
        "Difference of the picture from its own layers",
        1,
    )
    needs = ("rgb_full", "rgb_removed", "alpha", "fgr")
    unit = "levels"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, rule=_RULE, symptom=_SYMPTOM, scale=_SCALE)
