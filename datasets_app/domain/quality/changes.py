"""What changed of an outline since the frame before and no motion explains."""

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
