"""F: how far the contours of a mask and of its truth lie on each other.

F. Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation",
CVPR 2016, section 4.1, with the boundary map and the tolerance of the DAVIS evaluation: 0.008 of
the diagonal, rounded up.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.each_frame import EachFrame

_INSIDE = 128
_TOLERANCE = 0.008


def contour_accuracy(mask: npt.NDArray[Any], truth: npt.NDArray[Any]) -> float:
    """Return the F measure of the contours of two (H, W) bool masks, 0..1.

    1 when neither has a contour, 0 when only one has.
    """
    ours, theirs = boundary(mask), boundary(truth)
    count, wanted = int(ours.sum()), int(theirs.sum())
    if count == 0 and wanted == 0:
        return 1.0
    if count == 0 or wanted == 0:
        return 0.0
    disk = _disk(math.ceil(_TOLERANCE * math.hypot(*mask.shape)))
    precision = int((ours & _grown(theirs, disk)).sum()) / count
    recall = int((theirs & _grown(ours, disk)).sum()) / wanted
    if precision + recall == 0:
        return 0.0
    return 2 * precision * recall / (precision + recall)


def boundary(mask: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return where a pixel differs from its right, lower or lower right neighbour.

    The last row looks only to the right, the last column only down, the last corner nowhere.
    """
    mask = mask.astype(bool)
    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, below, beyond = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    edge: npt.NDArray[np.bool_] = (mask ^ right) | (mask ^ below) | (mask ^ beyond)
    return edge


def _grown(edge: npt.NDArray[np.bool_], disk: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return np.asarray(cv2.dilate(edge.astype(np.uint8), disk)) > 0


def _disk(radius: int) -> npt.NDArray[np.uint8]:
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(rows * rows + columns * columns <= radius * radius, np.uint8)


def _value(frame: LayerFrames) -> float:
    return contour_accuracy(frame["object"] >= _INSIDE, frame["object_truth"] >= _INSIDE)


class Contour(AlwaysAvailable):
    """0..1 per frame, masks cut at 128; the total is the mean of all frames, ends included."""

    info = PluginInfo("contour", "F", "How well the contour follows the true one", 1)
    needs = ("object", "object_truth")
    unit = ""
    better: Better = "high"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(_value)
