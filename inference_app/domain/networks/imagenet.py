"""Pictures as networks want them that learned on ImageNet."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION: Final = np.array([0.229, 0.224, 0.225], np.float32)


def imagenet_planes(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return (H, W, 3) in 0..1 as (3, H, W), less the mean of ImageNet, by its deviation."""
    return np.ascontiguousarray(((picture - _MEAN) / _DEVIATION).transpose(2, 0, 1), np.float32)
