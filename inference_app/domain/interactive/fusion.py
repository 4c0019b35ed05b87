"""Two directions into one mask, and a new round into the result before it."""

from __future__ import annotations

from typing import Final, cast

import cv2
import numpy as np

from inference_app.domain.interactive.chain import FADES, ChainFrame
from inference_app.domain.interactive.planes import Floats, SoftMask

_LEAST: Final = 1e-3
# A correction of so large a share of the object speaks about all of it.
_ALL_OF_IT: Final = 0.5
_REACH: Final = 0.15
# How much less motion is heard where its two ways contradict each other.
_CONTRADICTED: Final = 0.5
# What motion carried is an object, not a rest of it, if it is at least so large a share of it.
_WHOLE: Final = 0.5


def meet(forward: ChainFrame, backward: ChainFrame, left: int, right: int) -> ChainFrame:
    """Return one frame between the references ``left`` and ``right`` from both directions.

    Each weighs by its trust and by how near its reference is, then motion is heard (`steadied`);
    ``sure`` falls where they disagree.
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
    return ChainFrame(frame, steadied(masks, forward, backward, left, right), trust, sure)


def steadied(
    masks: Floats, forward: ChainFrame, backward: ChainFrame, left: int, right: int
) -> Floats:
    """Return ``masks`` (K, H, W), drawn to what motion alone carried from both references.

    These two ways know nothing of each other, while what is learned errs alike on both. So an
    object is theirs altogether where they overlap at least as well as what was learned on the way,
    and elsewhere as far as motion was sure and both agree.
    """
    if forward.carried is None or backward.carried is None:
        return masks.astype(np.float32)
    ahead, back = forward.frame - left, right - forward.frame
    carried = (back * forward.carried + ahead * backward.carried) / (ahead + back)
    # Trust fades with every step by itself, which says nothing about the motion.
    held = np.minimum(forward.trust * backward.trust / FADES ** (ahead + back), 1)
    apart = np.abs(forward.carried - backward.carried)
    share = held * (1 - _CONTRADICTED * apart)
    overlap = _overlap(forward.carried, backward.carried)
    better = (overlap > 0) & (overlap >= _overlap(forward.masks, backward.masks))
    better &= _area(carried) >= _WHOLE * _area(masks)
    share[better] = 1
    found: Floats = masks + share * (carried - masks)
    return np.asarray(found / np.maximum(found.sum(axis=0), 1), np.float32)


def _overlap(one: Floats, two: Floats) -> Floats:
    """Return intersection over union per object of (K, H, W); 0 where neither shows anything."""
    first, second = one > 0.5, two > 0.5
    union = (first | second).sum(axis=(1, 2))
    both = (first & second).sum(axis=(1, 2))
    return np.asarray(both / np.maximum(union, 1), np.float32)


def _area(masks: Floats) -> Floats:
    return np.asarray((masks > 0.5).sum(axis=(1, 2)), np.float32)


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
