"""How wrong an alpha is beside its truth: the formulas of the matting literature, frame by frame.

Arguments are (H, W) float32 in 0..1. Sums are over pixels, without scaling; the metrics scale.
"""

from __future__ import annotations

from math import ceil, log, pi, sqrt
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame

Plane: TypeAlias = npt.NDArray[np.float32]
Where: TypeAlias = npt.NDArray[np.bool_]
Region: TypeAlias = Literal["whole", "foreground", "unknown", "band"]

_SIGMA = 1.4  # Rhemann et al., CVPR 2009, as everyone has used it since
_TAIL = 1e-2
_STEP = 0.1


def unit(frame: GrayFrame) -> Plane:
    """Return a frame of 0..255 as (H, W) float32 in 0..1."""
    return np.asarray(frame / np.float32(255), np.float32)


def region_of(truth: Plane, region: Region) -> Where:
    """Return the pixels of a region of the true alpha.

    "unknown": where an ellipse of 25 x 25 holds different values, as MaGGIe (2024) does;
    "foreground": above a half and not unknown; "band": where a window of 7 x 7 holds an alpha
    between .02 and .98.
    """
    if region == "whole":
        return np.ones(truth.shape, bool)
    if region == "band":
        unsure = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
        return np.asarray(cv2.dilate(unsure, np.ones((7, 7), np.uint8)) > 0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    unknown = np.asarray(cv2.dilate(truth, disc) - cv2.erode(truth, disc) > 0)
    return unknown if region == "unknown" else (truth > 0.5) & ~unknown


def gradient_error(alpha: Plane, truth: Plane, where: Where | None = None) -> float:
    """Return the sum of squared differences of the gradients' lengths, of all pixels or ``where``.

    C. Rhemann et al., "A Perceptually Motivated Online Benchmark for Image Matting", 2009, with
    derivatives of a Gaussian of sigma 1.4 and the border repeated.
    """
    return _sum(np.square(_steepness(alpha) - _steepness(truth)), where)


def connectivity_error(alpha: Plane, truth: Plane, where: Where | None = None) -> float:
    """Return the sum of the differences in how far each pixel hangs together with the object, of
    all pixels or ``where``.

    The same paper: thresholds in steps of .1, components joined by edges, tolerance .15.
    """
    levels = np.ones(alpha.shape, np.float32)
    settled = np.zeros(alpha.shape, bool)
    for index in range(1, round(1 / _STEP) + 1):
        threshold = np.float32(index * _STEP)
        joined = _largest((alpha >= threshold) & (truth >= threshold))
        left = ~joined & ~settled
        levels[left] = (index - 1) * _STEP
        settled |= left
    ours, theirs = (_tolerant(plane, levels) for plane in (alpha, truth))
    return _sum(np.abs(ours - theirs), where)


def moved_error_change(
    error: Plane, error_before: Plane, truth: Plane, truth_before: Plane
) -> float:
    """Return the mean difference of the squared errors of two frames along the truth's motion.

    M. Erofeev et al., BMVC 2015, equation 4; the motion is Farneback's of the true alpha, as in
    MaGGIe, with x and y where they belong and without rounding.
    """
    before, now = (np.rint(plane * 255).astype(np.uint8) for plane in (truth_before, truth))
    flow = cv2.calcOpticalFlowFarneback(
        before, now, np.zeros((*truth.shape, 2), np.float32), 0.5, 5, 10, 2, 7, 1.5,
        cv2.OPTFLOW_FARNEBACK_GAUSSIAN,
    )  # fmt: skip
    y, x = np.mgrid[: truth.shape[0], : truth.shape[1]].astype(np.float32)
    there = cv2.remap(
        np.square(error), x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return float(np.abs(np.square(error_before) - there).mean())


def _sum(plane: Plane, where: Where | None) -> float:
    return float((plane if where is None else plane[where]).sum())


def _steepness(plane: Plane) -> Plane:
    reach = ceil(_SIGMA * sqrt(-2 * log(sqrt(2 * pi) * _SIGMA * _TAIL)))
    x = np.arange(-reach, reach + 1, dtype=np.float64)
    bell = np.exp(-(x**2) / (2 * _SIGMA**2)) / (_SIGMA * sqrt(2 * pi))
    kernel = np.outer(bell, -x * bell / _SIGMA**2)
    kernel /= np.linalg.norm(kernel)
    across, down = (
        cv2.filter2D(plane.astype(np.float64), -1, k, borderType=cv2.BORDER_REPLICATE)
        for k in (kernel, kernel.T)
    )
    return np.asarray(np.hypot(across, down), np.float32)


def _largest(where: Where) -> Where:
    """Return the largest component of those joined by edges, nothing where there is none."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        where.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return np.zeros(where.shape, bool)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _tolerant(plane: Plane, levels: Plane) -> Plane:
    apart = plane - levels
    return np.asarray(1 - apart * (apart >= 0.15), np.float32)
