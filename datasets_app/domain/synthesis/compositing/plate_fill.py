"""What lies behind an object, continued from what is seen around it: push and pull of a pyramid.

Known pixels stay as they are; each unknown one takes the mean of the smallest neighbourhood that
knows anything (Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.3.2).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Weight below which a pixel counts as unknown: the reciprocal of more would only enlarge noise.
_KNOWN = 1e-3


def filled(colours: Floats, weight: Floats) -> Floats:
    """Return (H, W[, C]) float32 ``colours`` with what has no ``weight`` (H, W, 0..1) filled in.

    Where ``weight`` is 1 the colour is unchanged; where nothing is known at all it is 0.
    """
    plane = weight if colours.ndim == 2 else weight[..., None]
    continued = _pulled(colours * plane, weight)
    result: Floats = continued + plane * (colours - continued)
    return result


def _pulled(premultiplied: Floats, weight: Floats) -> Floats:
    """Return the colour that every pixel gets from coarser levels, were it unknown itself."""
    height, width = weight.shape
    if min(height, width) == 1 or float(weight.min()) > 1 - _KNOWN:
        return _divided(premultiplied, weight)
    half = ((width + 1) // 2, (height + 1) // 2)
    small = cv2.resize(premultiplied, half, interpolation=cv2.INTER_AREA)
    share = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    # A cell that knows a quarter of its pixels knows enough: coarser levels would smear it.
    known = np.minimum(share * 4, 1)
    below = _pulled(_known_as(small, share, known), known)
    plane = known if small.ndim == 2 else known[..., None]
    level = _divided(small, share)
    coarse = below + plane * (level - below)
    up: Floats = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return up


def _known_as(premultiplied: Floats, weight: Floats, known: Floats) -> Floats:
    colours = _divided(premultiplied, weight)
    return colours * (known if colours.ndim == 2 else known[..., None])


def _divided(premultiplied: Floats, weight: Floats) -> Floats:
    safe = np.maximum(weight, np.float32(_KNOWN))
    divided = premultiplied / (safe if premultiplied.ndim == 2 else safe[..., None])
    return divided.astype(np.float32, copy=False)
