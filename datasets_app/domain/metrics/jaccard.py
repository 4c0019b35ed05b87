"""J: how far a mask and its truth cover each other.

F. Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation",
CVPR 2016, section 4.1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame

_INSIDE = 128


def jaccard(mask: npt.NDArray[Any], truth: npt.NDArray[Any]) -> float:
    """Return the intersection over the union of two (H, W) bool masks; 1 when both are empty."""
    union = int((mask | truth).sum())
    return 1.0 if union == 0 else int((mask & truth).sum()) / union


def _value(frame: LayerFrames) -> float:
    return jaccard(frame["object"] >= _INSIDE, frame["object_truth"] >= _INSIDE)


class Jaccard(AlwaysAvailable):
    """0..1 per frame, masks cut at 128; the total is the mean of all frames, ends included."""

    info = PluginInfo("jaccard", "J", "Overlap with the true mask: intersection over union", 1)
    needs = ("object", "object_truth")
    unit = ""
    better: Better = "high"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(_value)
