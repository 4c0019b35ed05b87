"""What changed since the frame before and no motion explains: of an outline, of a fill."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Final

import cv2
import numpy as np

from datasets_app.domain.quality.derived import Array, largest_difference

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
    return np.asarray(reduce(cv2.max, near) > 127)


OUTLINE_NEEDS: Final = ("object_small", "object_moved", "rgb_full_small", "rgb_full_moved")
FILL_NEEDS: Final = ("object_small", "rgb_removed_small", "rgb_removed_moved")


def outline_change(frame: Mapping[str, Array]) -> float | None:
    """Return the mean change of opacity, %, in the band along the outline, after the frame before
    was moved along; only where the picture, moved likewise, agrees. None where that is too short
    to tell, and in the first frame. Needs `OUTLINE_NEEDS`.
    """
    if "object_moved" not in frame:
        return None
    alpha, moved = frame["object_small"], frame["object_moved"]
    error = cv2.blur(largest_difference(frame["rgb_full_small"], frame["rgb_full_moved"]), (5, 5))
    counted = outline_band(alpha, moved) & (error <= _TRUSTED)
    return mean_opacity_change(alpha, moved, counted)


def mean_opacity_change(alpha: Array, before: Array, counted: Array) -> float | None:
    """Return the mean of |alpha - before| over the ``counted`` pixels in %, None when too few."""
    pixels = int(np.count_nonzero(counted))
    if pixels < LEAST_BAND:
        return None
    return 100 * float(cv2.absdiff(alpha, before)[counted].sum(dtype=np.int64)) / (255 * pixels)


def fill_change(frame: Mapping[str, Array]) -> float | None:
    """Return by how many levels of luma the filled area became lighter or darker, against what
    surrounds it, after the frame before was moved along.

    None when the object covers next to nothing or everything, and in the first frame. Needs
    `FILL_NEEDS`.
    """
    if "rgb_removed_moved" not in frame:
        return None
    covered = frame["object_small"]
    now, before = (
        cv2.cvtColor(frame[name], cv2.COLOR_RGB2GRAY).astype(np.int16)
        for name in ("rgb_removed_small", "rgb_removed_moved")
    )
    change = now - before
    inside = covered > 127
    around = cv2.dilate(covered, np.ones((25, 25), np.uint8)) <= 127
    if min(np.count_nonzero(inside), np.count_nonzero(around)) < LEAST_BAND:
        return None
    # The middle, not the mean: motion errors are at few pixels, and large.
    return float(abs(np.median(change[inside]) - np.median(change[around])))
