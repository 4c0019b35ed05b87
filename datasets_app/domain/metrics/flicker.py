"""Flicker without truth: how far the object's outline strays from where the picture moved it."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, Symptom
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import OUTLINE_NEEDS, outline_change
from datasets_app.domain.quality.each_frame import EachFrame
from datasets_app.domain.quality.outbursts import Rule

_SCALE = 20.0
# A limb that flow loses is no flicker; a whole outline that jumps by little is a matter of `pulse`.
_RULE = Rule(floor=20.0, ceiling=60.0, times=14.0)
_SYMPTOM = Symptom(
    "the outline flickers",
    ("alpha", "mask"),
    "Run the model again there, or mend the mask in those frames.",
)


class Flicker(AlwaysAvailable):
    """Mean change of opacity, %, in a band of 9 px along the outline, after the frame before was
    moved by the optical flow of the picture; only where the picture, moved likewise, agrees.

    Measured at the small size.
    """

    info = PluginInfo("flicker", "Flicker", "Change of the outline that no motion explains", 4)
    needs = OUTLINE_NEEDS
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(outline_change, rule=_RULE, symptom=_SYMPTOM, scale=_SCALE)
