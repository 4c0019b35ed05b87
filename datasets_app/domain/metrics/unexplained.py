"""What differs between the full and the removed picture though nothing was removed there."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames, Symptom
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.derived import Array, largest_difference
from datasets_app.domain.quality.each_frame import EachFrame
from datasets_app.domain.quality.outbursts import Rule

# Levels that two encodings of the same picture may differ by, after averaging over 3 x 3 pixels.
_CODEC = 9
# The mask reaches this many pixels further than the object's own pixels: 4:2:0 and filters.
_REACH = 5
# A shadow apart from its object has at least this share of its area, and so much of it is darker.
_SHADOW = 0.05
_DARK = 0.95
_SCALE = 3.0
_RULE = Rule(floor=0.35, ceiling=1.5)
_SYMPTOM = Symptom(
    "full and removed differ away from the object",
    ("rgb_full", "rgb_removed"),
    "Widen the mask to what else was removed, or make the removed picture again.",
    place="frame",
)


def _value(frame: LayerFrames) -> float:
    return _unexplained(frame["rgb_full_small"], frame["rgb_removed_small"], frame["object_small"])


def _unexplained(full: Array, removed: Array, covered: Array) -> float:
    """Return the share of the frame, %, that differs for no reason that is known."""
    full, removed = cv2.blur(full, (3, 3)), cv2.blur(removed, (3, 3))
    reached = cv2.dilate((covered > 0).astype(np.uint8), np.ones((2 * _REACH + 1,) * 2, np.uint8))
    differs = ((largest_difference(full, removed) > _CODEC) | (reached > 0)).astype(np.uint8)
    parts, numbers = cv2.connectedComponents(differs, connectivity=8)
    explained = np.zeros(parts, bool)
    explained[0] = True
    explained[np.unique(numbers[reached > 0])] = True
    if not explained.all():
        explained |= _shadows(full, removed, numbers, parts, int(np.count_nonzero(covered)))
    return 100 * float(np.count_nonzero(~explained[numbers])) / float(numbers.size)


def _shadows(full: Array, removed: Array, numbers: Array, parts: int, area: int) -> Array:
    """Return (parts,) bool: large, and darker in the full picture all over, as a shadow that falls
    at some distance is."""
    darker = cv2.cvtColor(full, cv2.COLOR_RGB2GRAY) < cv2.cvtColor(removed, cv2.COLOR_RGB2GRAY)
    pixels = np.bincount(numbers.ravel(), minlength=parts)
    dark = np.bincount(numbers[darker], minlength=parts)
    return np.asarray((pixels >= _SHADOW * area) & (dark >= _DARK * pixels))


class Unexplained(AlwaysAvailable):
    """Share of the frame, %, where the two pictures differ by more than 9 levels outside the
    object, what hangs together with it (its shadow, its reflection) and shadows apart from it. At
    the small size.
    """

    info = PluginInfo(
        "unexplained", "Unexplained difference", "Where full and removed differ for no reason", 4
    )
    needs = ("rgb_full_small", "rgb_removed_small", "object_small")
    unit = "%"
    better: Better = "low"

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; nothing is kept but the numbers."""
        return EachFrame(_value, rule=_RULE, symptom=_SYMPTOM, scale=_SCALE)
