"""What the search for shadows keeps of a frame: its brightness and its object, laid over the frame
before by the motion of the camera. Lengths are in units of the object's size, which is about 28 px
in the window that a clip is looked at through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.derived import Array, Flow
from datasets_app.domain.synthesis.compositing.trimask import HALF

Floats: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = npt.NDArray[np.float64]
"""(3, 3): coordinates of one picture to those of another."""

_ACROSS: Final = 28
_LARGEST: Final = 44
# Levels added before the logarithm, so that grain in the dark does not count.
_DARK: Final = 16


@dataclass(frozen=True, slots=True)
class View:
    """One frame: the (h, w, 3) picture, its (h, w) luma, smoothed to what the window shows of it,
    and the (h, w) object."""

    picture: Array
    luma: Array
    covered: Array


def window_scale(covered: Array) -> float | None:
    """Return window pixels per pixel of ``covered``, for this clip; None without an object."""
    solid = cv2.threshold(covered, HALF, 1, cv2.THRESH_BINARY)[1]
    _, _, width, height = cv2.boundingRect(solid)
    if not width:
        return None
    return float(min(_ACROSS / np.sqrt(width * height), _LARGEST / max(width, height), 2.0))


def view_of(removed: Array, covered: Array, scale: float) -> View:
    """Return what is kept of a frame."""
    luma = cv2.cvtColor(removed, cv2.COLOR_RGB2GRAY)
    if scale < 0.8:
        luma = cv2.GaussianBlur(luma, (0, 0), 0.45 / scale)
    return View(removed, luma, covered)


def camera_motion(flow: Flow) -> Matrix:
    """Return where this frame's pixels were in the frame before, as one similarity for all."""
    height, width = flow.shape[:2]
    apart = max(4, width // 30)
    rows, columns = np.mgrid[apart // 2 : height : apart, apart // 2 : width : apart]
    here = np.stack([columns, rows], -1).reshape(-1, 2).astype(np.float32)
    there = here + flow[rows, columns].reshape(-1, 2)
    found, _ = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=1.0, maxIters=200
    )
    return np.eye(3) if found is None else np.vstack([found, [0, 0, 1]])


def log_luma(luma: Array) -> Floats:
    """Return the logarithm of levels, of the dark ones flattened."""
    return np.log(luma.astype(np.float32) + _DARK)
