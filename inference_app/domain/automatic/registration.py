"""How the camera moved: where the ground of one frame lies in the next."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.interactive.pictures import Pictures
from matteweb.errors import Cancelled

Homography = npt.NDArray[np.float64]
"""(3, 3); maps x, y, 1 of one frame to another."""

_CORNERS, _QUALITY, _APART = 400, 0.01, 8
_OFF: Final = 2.0
_LEAST: Final = 12
# The largest step of a camera on a tripod, with the noise of the estimate, px of a small frame.
_STILL: Final = 0.5


def camera_steps(pictures: Pictures, should_stop: ShouldStop) -> list[Homography]:
    """Return, for each frame but the last, how its ground lies in the next frame.

    Tracked corners, of which RANSAC drops what moves by itself. Where too few agree the step is
    taken to be none. 72 bytes per frame. Raises Cancelled.
    """
    steps = []
    before = _gray(pictures, 0)
    for number in range(1, pictures.frames):
        if should_stop():
            raise Cancelled("looking at the camera was stopped")
        now = _gray(pictures, number)
        steps.append(_step(before, now))
        before = now
    return steps


def is_still(steps: list[Homography], width: int, height: int) -> bool:
    """Whether the camera rested: of its steps nine in ten are below half a pixel, and it came back
    to where it was."""
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64).T
    moves, whole = [], np.eye(3)
    for step in steps:
        moves.append(_moved(step, corners))
        whole = step @ whole
    if not moves:
        return True
    return bool(np.percentile(moves, 90) < _STILL and _moved(whole, corners) < 0.02 * width)


def _moved(step: Homography, corners: npt.NDArray[np.float64]) -> float:
    to = step @ corners
    return float(np.abs(to[:2] / to[2] - corners[:2]).max())


def _step(before: GrayFrame, now: GrayFrame) -> Homography:
    corners: Any = cv2.goodFeaturesToTrack(before, _CORNERS, _QUALITY, _APART)
    if corners is None or len(corners) < _LEAST:
        return np.eye(3)
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, now, corners, None)
    kept = found.ravel() == 1
    if kept.sum() < _LEAST:
        return np.eye(3)
    cv2.setRNGSeed(0)
    step, agreeing = cv2.findHomography(corners[kept], there[kept], cv2.RANSAC, _OFF)
    if step is None or agreeing.sum() < max(_LEAST, 0.25 * kept.sum()):
        return np.eye(3)
    return np.asarray(step, np.float64)


def _gray(pictures: Pictures, number: int) -> GrayFrame:
    return np.asarray(cv2.cvtColor(pictures[number], cv2.COLOR_RGB2GRAY), np.uint8)
