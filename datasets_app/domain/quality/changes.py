"""What changed since the frame before and no motion explains: of an outline, of a fill."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from datasets_app.domain.quality.derived import Array, Flow, warped

# Pixels around an outline in which a change of alpha counts.
BAND: Final = 9
# Levels by which the moved picture may differ from this one for its motion to be believed.
_TRUSTED = 12
# An outline shorter than this, in pixels of the small frame, says nothing.
LEAST_BAND: Final = 40


def outline_band(*alphas: Array) -> Array:
    """Return (H, W) bool: within half of `BAND` of an outline of any of the (H, W) ``alphas``."""
    kernel = np.ones((BAND, BAND), np.uint8)
    near = [cv2.morphologyEx(one, cv2.MORPH_GRADIENT, kernel) for one in alphas]
    return np.asarray(np.max(near, axis=0) > 127)


def outline_change(
    alpha: Array, before: Array, picture: Array, picture_before: Array, flow: Flow
) -> float | None:
    """Return the mean change of opacity, %, in the band along the outline, after the frame before
    was moved by ``flow``; only where the picture, moved likewise, agrees. None where it is too
    short to tell.
    """
    moved = warped(before, flow)
    error = cv2.blur(cv2.absdiff(picture, warped(picture_before, flow)).max(axis=2), (5, 5))
    counted = outline_band(alpha, moved) & (error <= _TRUSTED)
    return mean_opacity_change(alpha, moved, counted)


def mean_opacity_change(alpha: Array, before: Array, counted: Array) -> float | None:
    """Return the mean of |alpha - before| over the ``counted`` pixels in %, None when too few."""
    pixels = int(np.count_nonzero(counted))
    if pixels < LEAST_BAND:
        return None
    return 100 * float(cv2.absdiff(alpha, before)[counted].sum(dtype=np.int64)) / (255 * pixels)


def fill_change(removed: Array, before: Array, covered: Array, flow: Flow) -> float | None:
    """Return by how many levels the filled area became lighter or darker, against what surrounds
    it, after the frame before was moved by ``flow`` of the removed picture.

    ``covered``: the object. None when it covers next to nothing or everything.
    """
    change = removed.astype(np.int16) - warped(before, flow)
    inside = covered > 127
    around = cv2.dilate(covered, np.ones((25, 25), np.uint8)) <= 127
    if min(np.count_nonzero(inside), np.count_nonzero(around)) < LEAST_BAND:
        return None
    # The middle, not the mean: motion errors are at few pixels, and large.
    return float(
        np.abs(np.median(change[inside], axis=0) - np.median(change[around], axis=0)).max()
    )
