"""MAD: the mean absolute difference of an alpha and its truth, as a whole and by region."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import AlwaysAvailable, Better, LayerFrames
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.alpha_errors import Region, region_of, unit
from datasets_app.domain.quality.each_frame import EachFrame

_NAMES: dict[Region, tuple[str, str, str]] = {
    "whole": ("mad", "MAD", "Mean error against the true alpha"),
    "foreground": ("mad_foreground", "MAD inside", "Mean error where the object is solid"),
    "unknown": ("mad_unknown", "MAD unknown", "Mean error in a wide band around the edge"),
    "band": ("mad_band", "band MAD", "Mean error where the true alpha is soft"),
}


def _value(frame: LayerFrames, region: Region) -> float | None:
    alpha, truth = unit(frame["alpha"]), unit(frame["alpha_truth"])
    error = np.abs(alpha - truth)[region_of(truth, region)]
    return 1000 * float(error.mean()) if error.size else None


class Mad(AlwaysAvailable):
    """Mean absolute difference, alpha in 0..1, times 1000; None where the region is empty."""

    needs = ("alpha", "alpha_truth")
    unit = ""
    better: Better = "low"

    def __init__(self, region: Region = "whole") -> None:
        self._region = region
        slug, label, summary = _NAMES[region]
        self.info = PluginInfo(slug, label, summary, 1)

    def start(self, size: FrameSize, fps: Fraction) -> EachFrame:
        """Begin; no frame is kept."""
        return EachFrame(partial(_value, region=self._region))
