"""Two directions into one mask, and a new round into the result before it."""

from __future__ import annotations

from typing import Final, cast

import cv2
import numpy as np

from inference_app.domain.interactive.chain import ChainFrame
from inference_app.domain.interactive.planes import Floats, SoftMask

_LEAST: Final = 1e-3
# A correction of so large a share of the object speaks about all of it.
_ALL_OF_IT: Final = 0.5
_REACH: Final = 0.15


def meet(forward: ChainFrame, backward: ChainFrame, left: int, right: int) -> ChainFrame:
    """Return one frame between the references ``left`` and ``right`` from both directions.

    Each weighs by its trust and by how near its reference is; ``sure`` falls where they disagree.
    """
    frame = forward.frame
    ahead = (right - frame) / (right - left) * forward.trust + _LEAST
    back = (frame - left) / (right - left) * backward.trust + _LEAST
    masks = (ahead * forward.masks + back * backward.masks) / (ahead + back)
    trust = np.maximum(forward.trust, backward.trust)
    apart = np.abs(forward.masks - backward.masks).sum(axis=(1, 2))
    mass = np.maximum(np.maximum(forward.masks, backward.masks).sum(axis=(1, 2)), 1.0)
    sure = tuple(
        max(one, two) * float(1 - share)
        for one, two, share in zip(forward.sure, backward.sure, apart / mass, strict=True)
    )
    return ChainFrame(frame, masks.astype(np.float32), trust, sure)


def spoken(before: SoftMask, after: SoftMask) -> SoftMask:
    """Return 0..1: where a correction of one object speaks, on the frame that was corrected.

    All zero for an object that was left as it is, all one when most of it changed.
    """
    change = np.abs(after - before)
    changed = float((change > 0.5).sum())
    if not changed:
        return np.zeros_like(change)
    larger = max(float((before > 0.5).sum()), float((after > 0.5).sum()), 1.0)
    if changed >= _ALL_OF_IT * larger:
        return np.ones_like(change)
    reach = max(3, round(_REACH * float(np.sqrt(larger))))
    side = (2 * reach + 1, 2 * reach + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, side)
    grown = cv2.dilate(change.astype(np.float32), kernel)
    return cast(SoftMask, np.clip(cv2.blur(grown, side) * 1.5, 0, 1).astype(np.float32))


def amended(
    before: Floats,
    after: Floats,
    speaks: Floats,
) -> Floats:
    """Return (K, H, W): ``after`` where the carried correction ``speaks``, else ``before``."""
    return (before + speaks * (after - before)).astype(np.float32)
