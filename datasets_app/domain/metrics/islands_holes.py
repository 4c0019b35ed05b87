"""Specks beside the object and pinholes in it."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames, Symptom
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame
from datasets_app.domain.quality.outbursts import Rule
from datasets_app.domain.synthesis.compositing.trimask import HALF

# A part smaller than this share of the largest one is a speck or a pinhole, not a limb or a gap.
_SPECK = 0.02
_SCALE = 20.0
_RULE = Rule(floor=5.5, times=7.0)
_SYMPTOM = Symptom(
    "specks or pinholes",
    ("alpha", "mask"),
    "Remove small parts of the mask and fill its holes.",
)


def _value(frame: LayerFrames) -> float:
    inside = (frame["object"] > HALF).astype(np.uint8)
    largest, areas = _parts(inside)
    _, gaps = _parts(1 - np.pad(inside, 1))
    limit = _SPECK * largest
    # The largest gap is the surroundings.
    return float(sum(area < limit for area in areas) + sum(area < limit for area in gaps))


def _parts(inside: np.ndarray) -> tuple[int, list[int]]:
    """Return the area of the largest connected part, and those of all parts, in pixels."""
    _, _, figures, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    areas = [int(area) for area in figures[1:, cv2.CC_STAT_AREA]]
    return max(areas, default=0), areas


class IslandsHoles(AlwaysAvailable):
    """Connected parts of the object (alpha above half), and of its gaps, that are smaller than a
    fiftieth of its largest part; at full size.
    """

    info = PluginInfo(
        "islands_holes", "Islands and holes", "Specks beside the object, pinholes in it", 1
    )
    needs = ("object",)
    unit = ""
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, rule=_RULE, symptom=_SYMPTOM, scale=_SCALE)
