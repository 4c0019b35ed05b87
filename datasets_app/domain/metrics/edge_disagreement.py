"""How much of the object's outline lies where the picture has no edge."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames, Symptom
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.derived import Array
from datasets_app.domain.quality.each_frame import EachFrame
from datasets_app.domain.quality.outbursts import Rule

# The picture's edge may lie this many pixels off the outline.
_SLACK = 2
# Steepness, in levels per pixel, from which a picture has an edge.
_EDGE = 8.0
_SCALE = 60.0
_RULE = Rule(floor=28.0, times=8.0)
_SYMPTOM = Symptom(
    "the outline leaves the edges of the picture",
    ("alpha", "mask"),
    "Mend the mask in those frames, or attach the one that belongs to this clip.",
)


def _value(frame: LayerFrames) -> float | None:
    return _disagreement(frame["object_small"], frame["rgb_full_small"])


def steepness(gray: Array) -> np.ndarray:
    """Return (H, W) float32: the length of the Sobel gradient of (H, W) ``gray``, levels per px."""
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(cv2.magnitude(across, down))


def _disagreement(alpha: Array, picture: Array) -> float | None:
    outline = steepness(alpha)
    total = float(outline.sum())
    if total == 0:
        return None
    edges = np.max([steepness(channel) for channel in cv2.split(picture)], axis=0)
    near = cv2.dilate(edges, np.ones((2 * _SLACK + 1,) * 2, np.uint8))
    return 100 * float(outline[near < _EDGE].sum()) / total


class EdgeDisagreement(AlwaysAvailable):
    """Share, %, of the outline (weighted by the steepness of the alpha) that has no edge of the
    picture, in any of R, G, B, within 2 px. At the small size.
    """

    info = PluginInfo(
        "edge_disagreement", "Edge disagreement", "Outline where the picture has no edge", 3
    )
    needs = ("object_small", "rgb_full_small")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, rule=_RULE, symptom=_SYMPTOM, scale=_SCALE)
